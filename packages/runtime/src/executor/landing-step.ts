import type { Failure, Settlement, Task } from '@signalbox/task-core';
import { SYSTEM } from '../actor.js';
import type { Ask } from '../door/door.js';
import { evidenceWanted, kindsThatCount, missingEvidence } from '../door/obligations.js';
import { unmetEntry } from '../door/unproven.js';
import { RuntimeError } from '../errors.js';
import { guardIntegration } from '../landing/integration-guard.js';
import { type LandingResult, type LandingSteps, landAttempt } from '../landing/land-attempt.js';
import { recordIntent } from '../tasks/entries.js';
import type { AgentDoor } from './agent-door.js';
import type { AttemptEnd, AttemptScope } from './attempt-scope.js';
import type { Change } from './change.js';
import { checkWork } from './check-work.js';
import { taskAsk } from './claim-task.js';
import { earlierLandings } from './earlier-landing.js';
import type { ExecutorEnv } from './env.js';
import { afterConflict } from './landing-conflict.js';
import { approvalBlock } from './settlements.js';
import { inTurn } from './turns.js';
import { checksTouched, describeFailure, type Verdict } from './verdict.js';

export interface LandingWork {
  commit: string;
  /** What `commit` is a child of. */
  base: string;
  /** What policy may look at. */
  facts: LandingFacts;
  /** Digest of the diff. */
  evidence: string;
  /** Kinds of evidence that count. */
  counted: readonly string[];
  verdict: Verdict;
  /** Kinds of evidence that policy demands. */
  demanded: readonly string[];
}

export interface LandingFacts {
  changed_paths: string[];
  checks_changed: boolean;
}

export function landingFacts(task: Task, change: Change): LandingFacts {
  return {
    changed_paths: [...change.paths],
    checks_changed: checksTouched(task.checks, change.paths, change.existing).length > 0,
  };
}

export type LandingEnd = Pick<AttemptEnd, 'settlement' | 'verdict' | 'landed'>;

/** A person must look before anything lands on what nobody has judged. */
const FOREIGN_MOVES: ReadonlySet<string> = new Set(['INTEGRATION_MOVED', 'INTEGRATION_CHECKED_OUT']);

/** What policy is asked about a landing: with the commit, so that a person's yes is to this change and no other. */
export function landingAsk(
  { task, ai, sandbox }: AttemptScope,
  { facts, commit }: Pick<LandingWork, 'facts' | 'commit'>,
): Ask {
  const asked = taskAsk(SYSTEM, 'task.land', task);
  return {
    ...asked,
    resource: { ...asked.resource, ...facts, commit },
    authors: [task.createdBy, `ai:${ai.id}`],
    sandbox: sandbox.work,
  };
}

/** Asks policy whether the change may land, and lands it: the last step of an attempt that passed its verdict. */
export async function landChange(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  work: LandingWork,
): Promise<LandingEnd> {
  const { task, workspace } = scope;
  if (!workspace.repository) throw new Error('only work in git can land');
  const { main } = workspace.repository;
  const ask = landingAsk(scope, work);
  const ruling = await env.door.rule(ask);
  const { decision, effect } = ruling;
  if (effect !== 'allow') {
    const what = `land the change of ${task.id}`;
    return blocked(
      work,
      effect === 'ask'
        ? approvalBlock(decision.id, what, ruling.approval)
        : { kind: 'landing', reason: `Policy denies it to ${what}: ${ruling.reason}` },
    );
  }
  const missing = missingEvidence(evidenceWanted(decision), work.counted);
  if (missing.length > 0) {
    await ruling.giveBack?.();
    env.door.record([unmetEntry(ask, decision, missing)]);
    const reason = `Policy denies it to land the change of ${task.id}: it demands evidence of kind ${missing.join(', ')}, and there is none that counts.`;
    return blocked(work, { kind: 'landing', reason });
  }
  const request = {
    task,
    attempt: scope.attempt.id,
    ai: scope.ai.id,
    commit: work.commit,
    base: work.base,
    evidence: work.evidence,
  };
  const steps: LandingSteps = {
    check: (tip) => guardIntegration(main, env.store.ledger, tip),
    earlier: await earlierLandings(env, task.id),
    recheck: (commit) => recheck(env, scope, door, { commit, demanded: work.demanded }),
    intend: async (intent) => {
      if (scope.signal.aborted) return false;
      const outcome = await env.store.tasks.intendLanding(scope.lease, intent, recordIntent('system'));
      return outcome.status === 'recorded';
    },
  };
  const result = await inTurn(env.landings, () => landAttempt(main, request, steps)).catch((error: unknown) => {
    if (error instanceof RuntimeError && FOREIGN_MOVES.has(error.code))
      return { status: 'moved' as const, message: error.message };
    throw error;
  });
  // Nothing has landed yet, and the same commit can be tried again.
  const isUntried = result.status === 'moved' || (result.status !== 'landed' && scope.signal.aborted);
  if (isUntried) await ruling.giveBack?.();
  if (result.status === 'moved') return blocked(work, { kind: 'landing', reason: result.message });
  const end = settlementOf(result, work);
  if (result.status !== 'conflict' || end.settlement.kind !== 'failure') return end;
  return { ...end, settlement: await afterConflict(env, scope, end.settlement.failure) };
}

function blocked(work: LandingWork, block: Extract<Settlement, { kind: 'blocked' }>['blockedBy'][number]): LandingEnd {
  return { settlement: { kind: 'blocked', blockedBy: [block] }, verdict: work.verdict, landed: null };
}

/** What only the checks can give: it must be there for the merged work as well. */
const FROM_CHECKS: ReadonlySet<string> = new Set(['test-report', 'coverage', 'command']);

/** The checks passed on the attempt's own commit; on a merge with somebody else's work they must pass again. */
async function recheck(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  { commit, demanded }: { commit: string; demanded: readonly string[] },
): Promise<string | null> {
  const { checks, id } = scope.task;
  for (const check of checks) {
    scope.progress({ task: id, step: 'check', text: `${check} (merged with what landed meanwhile)` });
  }
  const checked = await checkWork(env, scope, door, checks, commit);
  await scope.evidence.flush();
  if (scope.signal.aborted) return 'The attempt was stopped before its checks had all run.';
  if (checked.unready) return 'The merged work could not be set up for its checks.';
  const failed = checked.results.find((check) => check.exitCode !== 0);
  if (failed) return `Once merged with what landed meanwhile: ${describeFailure(failed)}`;
  const [doubt] = checked.reportReasons;
  if (doubt) return `Once merged with what landed meanwhile: ${doubt.message}`;
  const kinds = kindsThatCount(checked.drafts);
  const missing = demanded.filter((kind) => FROM_CHECKS.has(kind) && !kinds.includes(kind));
  if (missing.length === 0) return null;
  return `Once merged with what landed meanwhile there is no evidence of kind ${missing.join(', ')}, which policy demands.`;
}

function settlementOf(result: LandingResult, work: LandingWork): LandingEnd {
  if (result.status === 'landed') return { settlement: { kind: 'done' }, verdict: work.verdict, landed: result.commit };
  const failure = landingFailure(result);
  const reasons = [{ code: 'CHECK_FAILED' as const, message: failure.message }];
  return {
    settlement: { kind: 'failure', failure },
    verdict: { pass: false, needsPerson: false, reasons },
    landed: null,
  };
}

function landingFailure(result: Exclude<LandingResult, { status: 'landed' }>): Failure {
  switch (result.status) {
    case 'lease_lost':
      return { class: 'lease_lost', message: 'Another holder has taken the task; nothing was landed.' };
    case 'checks_failed':
      return { class: 'checks_failed', message: result.message };
    case 'conflict': {
      const message = `The change conflicts with what landed meanwhile in ${result.paths.join(', ')}.\n${result.messages}`;
      return { class: 'checks_failed', message: message.trim() };
    }
  }
}
