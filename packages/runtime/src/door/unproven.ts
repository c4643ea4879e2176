import type { JournalEntry } from '@signalbox/kernel';
import type { PolicyDecisionRecord } from '@signalbox/policy';
import { actorName } from '../actor.js';
import { RuntimeError } from '../errors.js';
import type { Ask } from './door.js';

/** What came of a decision that was an allow, had its obligations been met. */
export function unmetEntry(ask: Ask, decision: PolicyDecisionRecord, missing: readonly string[]): JournalEntry {
  const data = {
    decision: decision.id,
    enforced: true,
    agrees: false,
    reasonCode: 'obligation.unmet',
    missing: [...missing],
  };
  return { kind: 'policy.outcome', actor: actorName(ask.actor), subject: ask.subject, data };
}

/** The error for what was to end with proof and has none. */
export function unproven(ask: Ask, decision: PolicyDecisionRecord, missing: readonly string[]): RuntimeError {
  return new RuntimeError({
    code: 'POLICY_DENIED',
    message: `Policy denies ${ask.action.name}: ${decision.determining.join(', ')} obliges to evidence of kind ${missing.join(', ')}, and there is none that counts.`,
    hint: 'Give the task a check that runs the tests, and name their reports under `evidence:` in .ai/config.yaml.',
    details: {
      decision: decision.id,
      reasonCode: 'obligation.unmet',
      determining: decision.determining,
      missing: [...missing],
    },
  });
}
