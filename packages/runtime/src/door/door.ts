import { createRedactor, type Ledger, type Redactor } from '@signalbox/audit';
import type { Clock, Ids, JournalEntry, JsonObject } from '@signalbox/kernel';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { transact } from '@signalbox/kernel/sqlite';
import type { Effect, Policy, PolicyDecisionRecord, PolicyRequest, SandboxMode } from '@signalbox/policy';
import type { Approval } from '@signalbox/policy/records';
import { type Actor, actorName } from '../actor.js';
import {
  type ApprovalDesk,
  type Inquiry,
  type PersonsWord,
  type Question,
  stillFits,
} from '../approvals/approval-desk.js';
import { allowedBy, describeRejection, outcomeEntry } from '../approvals/entries.js';
import { RuntimeError } from '../errors.js';
import type { Spent } from './budget.js';
import { hiddenPart, judgeAsk } from './judge-ask.js';
import { evidenceWanted, missingEvidence } from './obligations.js';
import { refusal } from './refusal.js';
import { settingMs } from './setting-ms.js';
import { unmetEntry, unproven } from './unproven.js';

/** What somebody wants to do, in the terms that policy judges. */
export interface Ask {
  actor: Actor;
  action: PolicyRequest['action'];
  /** What the decision is filed under: `task/<id>`, `ai/<id>`, `project`. */
  subject: string;
  resource?: JsonObject;
  task?: NonNullable<PolicyRequest['context']['task']>;
  attempt?: number;
  /** The labels of the AI that acts. */
  labels?: Record<string, string>;
  /** What the task has cost so far. */
  spent?: Spent;
  /** What holds whatever does it. Absent: nothing. */
  sandbox?: SandboxMode;
  /** What an approval is about beyond what policy judges, such as the whole text of a task. */
  exactly?: JsonObject;
  /** Who wrote, or works on, what is asked about: `user:ana`, `ai:codex`. */
  authors?: readonly string[];
}

/** A decision, and what a person has said where it asks. */
export interface Ruling {
  decision: PolicyDecisionRecord;
  /** `ask`: nobody has answered yet. */
  effect: Effect;
  /** One sentence for a person or an agent. */
  reason: string;
  /** The question, where the decision asks. */
  approval: Approval | null;
  /** Where a person allowed it: for when nothing came of it. */
  giveBack?: (() => Promise<void>) | undefined;
}

/**
 * The one door. Everything that changes state asks here first; the decision is recorded in the transaction of the change
 * that it allows, or by itself when it refuses.
 */
export interface Door {
  /** Finds what must not be written down anywhere. What is judged, stored and sent has all passed through it. */
  readonly redactor: Redactor;
  /** Judges and records nothing. */
  judge(ask: Ask): PolicyDecisionRecord;
  /** Judges for a caller who records the decision with what it allows: `entry` comes first. */
  judgeToRecord(ask: Ask): { decision: PolicyDecisionRecord; entry: JournalEntry };
  /** Judges, and makes the decision durable before it returns: for effects outside the store. */
  decide(ask: Ask): PolicyDecisionRecord;
  /**
   * As `decide`; where policy asks, with the answer of a person, who is asked if nobody was yet. `granted`: a yes that was taken
   * for the same thing before and holds on, as long as its giver may give it.
   */
  rule(ask: Ask, granted?: Approval): Promise<Ruling>;
  /**
   * Puts the question where policy asks, without taking an answer that is there. Returns how it stands; null where policy does
   * not ask. Records a decision only if it asks.
   */
  inquire(ask: Ask): Promise<Inquiry | null>;
  /**
   * As `rule`, and runs `effect`, outside of the store, if it is allowed; if that throws, an answer for once is given back.
   * Throws `POLICY_DENIED`, `APPROVAL_REQUIRED` or `POLICY_INVALID` otherwise.
   */
  permit<T>(ask: Ask, effect: (decision: PolicyDecisionRecord) => Promise<T>): Promise<T>;
  /** Records what came of something permitted. */
  record(entries: readonly JournalEntry[]): void;
  /**
   * Judges; if allowed, runs `effect` with a function that puts the decision in front of what the effect records. Throws
   * `POLICY_DENIED`, `APPROVAL_REQUIRED` or `POLICY_INVALID` otherwise, with the decision recorded; `POLICY_DENIED` also for
   * a completion or landing that obliges to evidence which the task does not have.
   */
  pass<T>(
    ask: Ask,
    effect: (withDecision: (entries: readonly JournalEntry[]) => JournalEntry[]) => Promise<T>,
  ): Promise<T>;
  /** Refuses an AI what only a person may do, whatever the policy says, and records the attempt. */
  refuseAgents(actor: Actor, what: string): void;
}

export interface DoorEnv {
  clock: Clock;
  ids: Ids;
  db: SqlDatabase;
  ledger: Ledger;
  policyFor(ai: string | undefined): Policy;
  headless: boolean;
  ci: boolean;
  /** Default: one that knows no values. */
  redactor?: Redactor;
  /** Without it, what policy asks about nobody can allow. */
  desk?: ApprovalDesk;
  /** See `PolicyRecords.keyedDigest`. */
  keyedDigest?(text: string): string;
  /** Called with each policy before a decision by it is recorded: keeps what a replay needs. */
  keepPolicy?(policy: Policy): void;
  /** The kinds of evidence that count for the newest attempt of a task. Without it none does. */
  evidenceOf?(task: string): Promise<readonly string[]>;
}

/** Milliseconds that a question is open, unless policy sets it. */
const OPEN_MS = 24 * 60 * 60_000;

/** Where policy asks before these, nobody could answer without being asked about that answer. */
const UNASKABLE: ReadonlySet<string> = new Set(['approval.answer', 'policy.override']);

/** What ends with proof, or does not end. */
const PROVEN: ReadonlySet<string> = new Set(['task.complete', 'task.land']);

export function createDoor(env: DoorEnv): Door {
  const redactor = env.redactor ?? createRedactor();
  const record = (entries: readonly JournalEntry[]): void => transact(env.db, () => env.ledger.append(entries, env.db));

  const policyOf = (ask: Ask): Policy => env.policyFor(ask.actor.kind === 'ai' ? ask.actor.id : undefined);

  const judge = (ask: Ask, policy = policyOf(ask)): PolicyDecisionRecord => judgeAsk(env, redactor, policy, ask);

  /** Judges for a decision that will be recorded. */
  const judgeToRecord = (ask: Ask): PolicyDecisionRecord => {
    const policy = policyOf(ask);
    env.keepPolicy?.(policy);
    return judge(ask, policy);
  };

  const decideAndRecord = (ask: Ask): PolicyDecisionRecord => {
    const decision = judgeToRecord(ask);
    record([decisionEntry(ask, decision)]);
    return decision;
  };

  const questionOf = (ask: Ask, decision: PolicyDecisionRecord): Question => ({
    decision,
    requester: actorName(ask.actor),
    subject: ask.subject,
    exactly: ask.exactly ? redactor.json(ask.exactly) : null,
    hidden: hiddenPart(env, redactor, ask, decision.replay.workspace),
    authors: ask.authors ?? [],
    openMs: settingMs(policyOf(ask), 'approval_expiry', OPEN_MS),
  });

  const canAsk = (ask: Ask, { decision }: PolicyDecisionRecord): boolean =>
    decision === 'ask' && env.desk !== undefined && !UNASKABLE.has(ask.action.name);

  const consult = async (ask: Ask, decision: PolicyDecisionRecord): Promise<PersonsWord | null> =>
    canAsk(ask, decision) && env.desk ? env.desk.consult(questionOf(ask, decision)) : null;

  const inquire = async (ask: Ask): Promise<Inquiry | null> => {
    if (!env.desk || !canAsk(ask, judge(ask))) return null;
    const recorded = decideAndRecord(ask);
    return canAsk(ask, recorded) ? env.desk.inquire(questionOf(ask, recorded)) : null;
  };

  const rule = async (ask: Ask, granted?: Approval): Promise<Ruling> => {
    const decision = decideAndRecord(ask);
    if (granted && decision.decision === 'ask' && stillFits(granted, questionOf(ask, decision))) {
      record([outcomeEntry(ask.subject, decision, granted)]);
      return { decision, effect: 'allow', reason: allowedBy(granted), approval: granted };
    }
    const word = await consult(ask, decision);
    if (!word) return { decision, effect: decision.decision, reason: decision.reason, approval: null };
    const { approval } = word;
    if (word.status === 'waiting') return { decision, effect: 'ask', reason: decision.reason, approval };
    record([word.outcome]);
    const { giveBack } = word.status === 'approved' ? word : {};
    return word.status === 'approved'
      ? { decision, effect: 'allow', reason: allowedBy(approval), approval, giveBack }
      : { decision, effect: 'deny', reason: describeRejection(approval), approval };
  };

  return {
    redactor,
    judge,
    judgeToRecord(ask) {
      const decision = judgeToRecord(ask);
      return { decision, entry: decisionEntry(ask, decision) };
    },
    record,
    decide: decideAndRecord,
    inquire,
    rule,
    async permit(ask, effect) {
      const { decision, effect: ruled, approval, giveBack } = await rule(ask);
      if (ruled !== 'allow') throw refusal(ask.action.name, decision, approval);
      try {
        return await effect(decision);
      } catch (error) {
        await giveBack?.();
        throw error;
      }
    },
    async pass(ask, effect) {
      const decision = judgeToRecord(ask);
      const entry = decisionEntry(ask, decision);
      if (decision.decision !== 'allow') record([entry]);
      const word = await consult(ask, decision);
      if (word?.status === 'rejected') record([word.outcome]);
      const mayGoOn = decision.decision === 'allow' || word?.status === 'approved';
      if (!mayGoOn) throw refusal(ask.action.name, decision, word?.approval ?? null);
      const first = word?.status === 'approved' ? word.outcome : entry;
      try {
        const missing = await missingProof(env, ask, decision);
        if (missing.length > 0) {
          record([first, unmetEntry(ask, decision, missing)]);
          throw unproven(ask, decision, missing);
        }
        let isTaken = false;
        const result = await effect((entries) => {
          isTaken = true;
          return [first, ...entries];
        });
        if (!isTaken && word?.status === 'approved') await word.giveBack();
        return result;
      } catch (error) {
        if (word?.status === 'approved') await word.giveBack();
        throw error;
      }
    },
    refuseAgents(actor, what) {
      if (actor.kind !== 'ai') return;
      record([{ kind: 'agent.refused', actor: actorName(actor), subject: 'project', data: { what } }]);
      throw new RuntimeError({
        code: 'AGENT_REFUSED',
        message: `An AI may not ${what}; this process runs for ai:${actor.id}.`,
        hint: 'A person must do it, in a shell of their own.',
      });
    },
  };
}

async function missingProof(env: DoorEnv, ask: Ask, decision: PolicyDecisionRecord): Promise<string[]> {
  if (!PROVEN.has(ask.action.name) || !ask.task || evidenceWanted(decision).length === 0) return [];
  return missingEvidence(evidenceWanted(decision), (await env.evidenceOf?.(ask.task.id)) ?? []);
}

function decisionEntry(ask: Ask, decision: PolicyDecisionRecord): JournalEntry {
  return {
    kind: 'policy.decided',
    actor: actorName(ask.actor),
    subject: ask.subject,
    data: decision as unknown as JsonObject,
  };
}
