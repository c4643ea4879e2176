import { createRedactor, type Ledger, type Redactor } from '@signalbox/audit';
import type { Clock, Ids, JournalEntry, JsonObject } from '@signalbox/kernel';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import type { Effect, Policy, PolicyDecisionRecord, PolicyRequest, SandboxMode } from '@signalbox/policy';
import type { Approval } from '@signalbox/policy/records';
import { type Actor, actorName } from '../actor.js';
import type { ApprovalDesk, Inquiry } from '../approvals/approval-desk.js';
import { RuntimeError } from '../errors.js';
import type { Spent } from './budget.js';
import { createJudging, decisionEntry } from './judging.js';
import { pass, permit } from './pass.js';
import { createQuestions } from './questions.js';

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

export function createDoor(env: DoorEnv): Door {
  const redactor = env.redactor ?? createRedactor();
  const judging = createJudging(env, redactor);
  const questions = createQuestions(env, judging);
  const { judge, decide, record } = judging;
  return {
    redactor,
    judge,
    judgeToRecord(ask) {
      const decision = judging.judgeToRecord(ask);
      return { decision, entry: decisionEntry(ask, decision) };
    },
    record,
    decide,
    inquire: questions.inquire,
    rule: questions.rule,
    permit: (ask, effect) => permit(questions, ask, effect),
    pass: (ask, effect) => pass({ env, judging, questions }, ask, effect),
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
