import type { Redactor } from '@signalbox/audit';
import type { JournalEntry, JsonObject } from '@signalbox/kernel';
import { transact } from '@signalbox/kernel/sqlite';
import type { Policy, PolicyDecisionRecord } from '@signalbox/policy';
import { actorName } from '../actor.js';
import type { Ask, DoorEnv } from './door.js';
import { judgeAsk } from './judge-ask.js';

/** Decisions of policy, without anything that a person may say to them. */
export interface Judging {
  readonly redactor: Redactor;
  policyOf(ask: Ask): Policy;
  judge(ask: Ask): PolicyDecisionRecord;
  /** For a decision that the caller records. */
  judgeToRecord(ask: Ask): PolicyDecisionRecord;
  /** Judges and records. */
  decide(ask: Ask): PolicyDecisionRecord;
  record(entries: readonly JournalEntry[]): void;
}

export function createJudging(env: DoorEnv, redactor: Redactor): Judging {
  const policyOf = (ask: Ask): Policy => env.policyFor(ask.actor.kind === 'ai' ? ask.actor.id : undefined);
  const judgeToRecord = (ask: Ask): PolicyDecisionRecord => {
    const policy = policyOf(ask);
    env.keepPolicy?.(policy);
    return judgeAsk(env, redactor, policy, ask);
  };
  const record = (entries: readonly JournalEntry[]): void => transact(env.db, () => env.ledger.append(entries, env.db));
  return {
    redactor,
    policyOf,
    judge: (ask) => judgeAsk(env, redactor, policyOf(ask), ask),
    judgeToRecord,
    decide(ask) {
      const decision = judgeToRecord(ask);
      record([decisionEntry(ask, decision)]);
      return decision;
    },
    record,
  };
}

export function decisionEntry(ask: Ask, decision: PolicyDecisionRecord): JournalEntry {
  return {
    kind: 'policy.decided',
    actor: actorName(ask.actor),
    subject: ask.subject,
    data: decision as unknown as JsonObject,
  };
}
