import type { PolicyDecisionRecord } from '@signalbox/policy';
import type { Approval } from '@signalbox/policy/records';
import { actorName } from '../actor.js';
import { type Inquiry, type PersonsWord, type Question, stillFits } from '../approvals/approval-desk.js';
import { allowedBy, describeRejection, outcomeEntry } from '../approvals/entries.js';
import type { Ask, DoorEnv, Ruling } from './door.js';
import { hiddenPart } from './judge-ask.js';
import type { Judging } from './judging.js';
import { settingMs } from './setting-ms.js';

/** Milliseconds that a question is open, unless policy sets it. */
const OPEN_MS = 24 * 60 * 60_000;

/** Where policy asks before these, nobody could answer without being asked about that answer. */
const UNASKABLE: ReadonlySet<string> = new Set(['approval.answer', 'policy.override']);

/** What persons say where policy asks. */
export interface Questions {
  /** The answer to what a decision asks, which is taken; null where it does not ask, or nobody can be asked. */
  consult(ask: Ask, decision: PolicyDecisionRecord): Promise<PersonsWord | null>;
  /** See `Door.inquire`. */
  inquire(ask: Ask): Promise<Inquiry | null>;
  /** See `Door.rule`. */
  rule(ask: Ask, granted?: Approval): Promise<Ruling>;
}

export function createQuestions(env: DoorEnv, judging: Judging): Questions {
  const { redactor, judge, decide, record } = judging;
  const questionOf = (ask: Ask, decision: PolicyDecisionRecord): Question => ({
    decision,
    requester: actorName(ask.actor),
    subject: ask.subject,
    exactly: ask.exactly ? redactor.json(ask.exactly) : null,
    hidden: hiddenPart(env, redactor, ask, decision.replay.workspace),
    authors: ask.authors ?? [],
    openMs: settingMs(judging.policyOf(ask), 'approval_expiry', OPEN_MS),
  });
  const canAsk = (ask: Ask, { decision }: PolicyDecisionRecord): boolean =>
    decision === 'ask' && env.desk !== undefined && !UNASKABLE.has(ask.action.name);
  const consult: Questions['consult'] = async (ask, decision) =>
    canAsk(ask, decision) && env.desk ? env.desk.consult(questionOf(ask, decision)) : null;

  return {
    consult,
    async inquire(ask) {
      if (!env.desk || !canAsk(ask, judge(ask))) return null;
      const recorded = decide(ask);
      return canAsk(ask, recorded) ? env.desk.inquire(questionOf(ask, recorded)) : null;
    },
    async rule(ask, granted) {
      const decision = decide(ask);
      if (granted && decision.decision === 'ask' && stillFits(granted, questionOf(ask, decision))) {
        record([outcomeEntry(ask.subject, decision, granted)]);
        return { decision, effect: 'allow', reason: allowedBy(granted), approval: granted };
      }
      const word = await consult(ask, decision);
      if (!word) return { decision, effect: decision.decision, reason: decision.reason, approval: null };
      const { approval } = word;
      if (word.status === 'waiting') return { decision, effect: 'ask', reason: decision.reason, approval };
      record([word.outcome]);
      return word.status === 'approved'
        ? { decision, effect: 'allow', reason: allowedBy(approval), approval, giveBack: word.giveBack }
        : { decision, effect: 'deny', reason: describeRejection(approval), approval };
    },
  };
}
