import { createRedactor, type Ledger, type Redactor } from '@signalbox/audit';
import type { Clock, Ids, JournalEntry, JsonObject } from '@signalbox/kernel';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { transact } from '@signalbox/kernel/sqlite';
import { decide, type Policy, type PolicyDecisionRecord, type PolicyRequest } from '@signalbox/policy';
import { type Actor, actorName } from '../actor.js';
import { RuntimeError } from '../errors.js';
import { evidenceWanted, missingEvidence } from './obligations.js';

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
  /** Judges, and makes the decision durable before it returns: for effects outside the store. */
  decide(ask: Ask): PolicyDecisionRecord;
  /** As `decide`, but throws `POLICY_DENIED`, `APPROVAL_REQUIRED` or `POLICY_INVALID` unless it is allowed. */
  permit(ask: Ask): PolicyDecisionRecord;
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
  /** The kinds of evidence that count for the newest attempt of a task. Without it none does. */
  evidenceOf?(task: string): Promise<readonly string[]>;
}

/** What ends with proof, or does not end. */
const PROVEN: ReadonlySet<string> = new Set(['task.complete', 'task.land']);

export function createDoor(env: DoorEnv): Door {
  const redactor = env.redactor ?? createRedactor();
  const record = (entries: readonly JournalEntry[]): void => transact(env.db, () => env.ledger.append(entries, env.db));

  const judge = (ask: Ask): PolicyDecisionRecord => {
    const ai = ask.actor.kind === 'ai' ? ask.actor.id : undefined;
    return decide(env.policyFor(ai), redactor.json(toRequest(ask, env)) as unknown as PolicyRequest, {
      id: env.ids('pdr'),
      time: env.clock.now(),
    });
  };

  const decideAndRecord = (ask: Ask): PolicyDecisionRecord => {
    const decision = judge(ask);
    record([decisionEntry(ask, decision)]);
    return decision;
  };

  return {
    redactor,
    judge,
    record,
    decide: decideAndRecord,
    permit(ask) {
      const decision = decideAndRecord(ask);
      if (decision.decision !== 'allow') throw refusal(ask, decision);
      return decision;
    },
    async pass(ask, effect) {
      const decision = judge(ask);
      const entry = decisionEntry(ask, decision);
      if (decision.decision !== 'allow') {
        record([entry]);
        throw refusal(ask, decision);
      }
      const missing = await missingProof(env, ask, decision);
      if (missing.length > 0) {
        record([entry, unmetEntry(ask, decision, missing)]);
        throw unproven(ask, decision, missing);
      }
      return effect((entries) => [entry, ...entries]);
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
  return missingEvidence(decision, (await env.evidenceOf?.(ask.task.id)) ?? []);
}

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

function unproven(ask: Ask, decision: PolicyDecisionRecord, missing: readonly string[]): RuntimeError {
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

function toRequest(ask: Ask, env: DoorEnv): JsonObject {
  const request: PolicyRequest = {
    subject: { kind: ask.actor.kind, id: ask.actor.id, ...(ask.labels ? { labels: ask.labels } : {}) },
    action: ask.action,
    resource: ask.resource ?? {},
    context: {
      headless: env.headless,
      ci: env.ci,
      ...(ask.task ? { task: ask.task } : {}),
      ...(ask.attempt === undefined ? {} : { attempt: ask.attempt }),
    },
  };
  return request as unknown as JsonObject;
}

function decisionEntry(ask: Ask, decision: PolicyDecisionRecord): JournalEntry {
  return {
    kind: 'policy.decided',
    actor: actorName(ask.actor),
    subject: ask.subject,
    data: decision as unknown as JsonObject,
  };
}

/** The error that a refused command ends with. */
export function refusal(ask: Ask, decision: PolicyDecisionRecord): RuntimeError {
  const details = { decision: decision.id, reasonCode: decision.reasonCode, determining: decision.determining };
  if (decision.reasonCode === 'error.policy') {
    return new RuntimeError({
      code: 'POLICY_INVALID',
      message: decision.reason,
      hint: 'See every fault with `signalbox policy validate`; until they are mended, everything is denied.',
      details,
    });
  }
  if (decision.decision === 'deny') {
    return new RuntimeError({
      code: 'POLICY_DENIED',
      message: `Policy denies ${ask.action.name}: ${decision.reason}`,
      hint: `See the decision with \`signalbox audit log --kind policy.\`, or try it with \`signalbox policy explain ${ask.action.name}\`.`,
      details,
    });
  }
  return new RuntimeError({
    code: 'APPROVAL_REQUIRED',
    message: `Policy asks for an approval of ${ask.action.name}: ${decision.reason}`,
    hint: 'Add a rule that allows it to .ai/policy.yaml, run `signalbox trust`, and try again.',
    details,
  });
}
