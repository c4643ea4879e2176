import type { Finding } from '@signalbox/rules/analysis';
import { decide } from '../decide.js';
import { isStricter } from '../effect.js';
import type { Rule } from '../file/layer.js';
import { baseVerdict } from '../judge/base.js';
import type { MachineFacts } from '../judge/facts.js';
import type { Policy } from '../load.js';
import type { PolicyDecisionRecord } from '../record.js';
import type { PolicyRequest } from '../request.js';
import { requestsFor } from './witness-request.js';

const PLAIN_MACHINE: MachineFacts = { realPath: (path) => path, exists: () => false, resolveProgram: () => null };

/** The policy on a machine where no file is a link and every program is what its name says. */
export function onPlainMachine(policy: Policy): Policy {
  return { ...policy, facts: PLAIN_MACHINE };
}

/**
 * The request that shows a finding, confirmed by deciding it; `null` if none does. `ids`: the ids of the policy for those of
 * the finding. `rule`: the rule that it is about, `null` for a gap. The policy is one {@link onPlainMachine}.
 */
export function confirmedRequest(
  policy: Policy,
  finding: Finding,
  about: { rule: Rule | null; others: readonly string[] },
  now: number | undefined,
): PolicyRequest | null {
  if (!finding.witness) return null;
  for (const request of requestsFor(finding.witness)) {
    const record = decide(policy, request, { id: 'witness', time: now ?? 0 });
    if (shows(policy, finding, about, record, request)) return request;
  }
  return null;
}

function shows(
  policy: Policy,
  { kind }: Finding,
  { rule, others }: { rule: Rule | null; others: readonly string[] },
  record: PolicyDecisionRecord,
  request: PolicyRequest,
): boolean {
  const applied = record.matched.filter((each) => each.applied).map((each) => each.rule);
  if (rule === null) return applied.length === 0 && record.reasonCode === 'default';
  const base = baseVerdict(request);
  if (base?.effect === 'deny') return kind === 'redundant' || rule.effect !== 'deny';
  if (!record.matched.some((each) => each.rule === rule.id)) return false;
  const { decision, determining } = record;
  if (kind === 'redundant') {
    if (isStricter(decision, rule.effect) || determining.some((id) => id !== rule.id)) return true;
    const rest = applied.filter((id) => id !== rule.id);
    return rest.length === 0 && decision === (base?.effect ?? policy.default);
  }
  return (
    isStricter(decision, rule.effect) && !determining.includes(rule.id) && others.some((id) => applied.includes(id))
  );
}
