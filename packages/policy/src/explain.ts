import { baseVerdict } from './judge/base.js';
import type { Verdict } from './judge/verdict.js';
import type { Policy } from './load.js';
import type { PolicyRequest } from './request.js';

/** One sentence for a person: the reason of the rule that decided and where it stands, or else why no rule did. */
export function explain(policy: Policy, { decisive, reason }: Verdict, request: PolicyRequest): string {
  if (reason !== null) return reason;
  if (!decisive) return 'There is nothing in this request to decide about.';
  const { label, certain } = decisive.part;
  const deciding = decisive.determining[0];
  if (deciding) {
    const { rule, exception, errors } = deciding;
    if (decisive.reasonCode === 'error.eval')
      return `${label}: ${rule.id} (${rule.at}) counts as matched. ${errors[0]}`;
    const by = exception ? `${rule.id} (${rule.at}), with the exception at ${exception.at}` : `${rule.id} (${rule.at})`;
    const why = exception?.reason ?? rule.reason ?? `${rule.effect} by this rule`;
    return `${label}: ${why} — ${by}.`;
  }
  const base = decisive.reasonCode === 'base' ? baseVerdict(request) : null;
  if (base) return base.reason;
  if (!certain) return `${label}: what this does cannot be told before it runs.`;
  return `${label}: no rule speaks about this, and the default is ${policy.default}.`;
}
