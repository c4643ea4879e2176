import type { Failure, Settlement } from '@signalbox/task-core';
import { SYSTEM } from '../actor.js';
import { RuntimeError } from '../errors.js';
import { guardIntegration } from '../landing/integration-guard.js';
import { type LandingResult, landAttempt } from '../landing/land-attempt.js';
import { recordIntent } from '../tasks/entries.js';
import type { AgentDoor } from './agent-door.js';
import type { AttemptEnd, AttemptScope } from './attempt-scope.js';
import type { Change } from './change.js';
import { checkWork } from './check-work.js';
import { taskAsk } from './claim-task.js';
import { earlierLandings } from './earlier-landing.js';
import type { ExecutorEnv } from './env.js';
import { checksTouched, type Verdict } from './verdict.js';

export interface LandingWork {
  commit: string;
  change: Change;
  verdict: Verdict;
}

export type LandingEnd = Pick<AttemptEnd, 'settlement' | 'verdict' | 'landed'>;

/** A person must look before anything lands on what nobody has judged. */
const FOREIGN_MOVES: ReadonlySet<string> = new Set(['INTEGRATION_MOVED', 'INTEGRATION_CHECKED_OUT']);

/** Asks policy whether the change may land, and lands it: the last step of an attempt that passed its verdict. */
export async function landChange(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  work: LandingWork,
): Promise<LandingEnd> {
  const { task, workspace } = scope;
  if (!workspace.repository) throw new Error('only work in git can land');
  const { main, base } = workspace.repository;
  const ask = taskAsk(SYSTEM, 'task.land', task);
  const changed = work.change.paths;
  const facts = {
    changed_paths: changed,
    checks_changed: checksTouched(task.checks, changed, work.change.existing).length > 0,
  };
  const decision = env.door.decide({ ...ask, resource: { ...ask.resource, ...facts } });
  if (decision.decision !== 'allow') {
    const what = `land the change of ${task.id}`;
    return blocked(
      work,
      decision.decision === 'ask'
        ? { kind: 'approval', decision: decision.id, what }
        : { kind: 'landing', reason: `Policy denies it to ${what}: ${decision.reason}` },
    );
  }
  const result = await landAttempt(
    main,
    {
      task,
      attempt: scope.attempt.id,
      ai: scope.ai.id,
      commit: work.commit,
      base,
      evidence: work.change.draft?.digest ?? 'none',
    },
    {
      check: (tip) => guardIntegration(main, env.store.ledger, tip),
      earlier: await earlierLandings(env, task.id),
      recheck: (commit) => recheck(env, scope, door, commit),
      intend: async (intent) => {
        if (scope.signal.aborted) return false;
        const outcome = await env.store.tasks.intendLanding(scope.lease, intent, recordIntent('system'));
        return outcome.status === 'recorded';
      },
    },
  ).catch((error: unknown) => {
    if (error instanceof RuntimeError && FOREIGN_MOVES.has(error.code))
      return { status: 'moved' as const, message: error.message };
    throw error;
  });
  if (result.status === 'moved') return blocked(work, { kind: 'landing', reason: result.message });
  return settlementOf(result, work);
}

function blocked(work: LandingWork, block: Extract<Settlement, { kind: 'blocked' }>['blockedBy'][number]): LandingEnd {
  return { settlement: { kind: 'blocked', blockedBy: [block] }, verdict: work.verdict, landed: null };
}

/** The checks passed on the attempt's own commit; on a merge with somebody else's work they must pass again. */
async function recheck(env: ExecutorEnv, scope: AttemptScope, door: AgentDoor, commit: string): Promise<string | null> {
  for (const check of scope.task.checks) {
    scope.progress({ task: scope.task.id, step: 'check', text: `${check} (merged with what landed meanwhile)` });
  }
  const { results, unready } = await checkWork(env, scope, door, scope.task.checks, commit);
  await scope.evidence.flush();
  const failed = results.find((check) => check.exitCode !== 0);
  if (scope.signal.aborted) return 'The attempt was stopped before its checks had all run.';
  if (unready) return 'The merged work could not be set up for its checks.';
  return failed ? `\`${failed.command}\` fails once merged with what landed meanwhile.\n${failed.tail}` : null;
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
