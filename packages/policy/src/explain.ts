import type { Effect } from './effect.js';
import type { BaseVerdict } from './judge/base.js';
import type { PartVerdict } from './judge/judge-part.js';

/** One sentence for a person: the reason of the rule that decided and where it stands, or else why no rule did. */
export function explain(verdict: PartVerdict | undefined, fallback: Effect, base: BaseVerdict | null): string {
  if (!verdict) return 'There is nothing in this request to decide about.';
  const { label, certain } = verdict.part;
  const deciding = verdict.determining[0];
  if (deciding) {
    const { rule, exception, errors } = deciding;
    if (verdict.reasonCode === 'error.eval') return `${label}: ${rule.id} (${rule.at}) counts as matched. ${errors[0]}`;
    const by = exception ? `${rule.id} (${rule.at}), with the exception at ${exception.at}` : `${rule.id} (${rule.at})`;
    const why = exception?.reason ?? rule.reason ?? `${rule.effect} by this rule`;
    return `${label}: ${why} — ${by}.`;
  }
  if (verdict.reasonCode === 'base' && base) return base.reason;
  if (!certain) return `${label}: what this does cannot be told before it runs.`;
  return `${label}: no rule speaks about this, and the default is ${fallback}.`;
}
