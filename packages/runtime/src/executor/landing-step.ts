import type { Failure, Settlement } from '@signalbox/task-core';
import { SYSTEM } from '../actor.js';
import { type LandingResult, landAttempt } from '../landing/land-attempt.js';
import { recordIntent } from '../tasks/entries.js';
import { type AttemptEnd, type AttemptScope, commandScopeOf } from './attempt-scope.js';
import type { Change } from './change.js';
import { taskAsk } from './claim-task.js';
import { runChecks } from './commands.js';
import { earlierLandings } from './earlier-landing.js';
import type { ExecutorEnv } from './env.js';
import { checksTouched, type Verdict } from './verdict.js';

export interface LandingWork {
  commit: string;
  change: Change;
  verdict: Verdict;
}

export type LandingEnd = Pick<AttemptEnd, 'settlement' | 'verdict' | 'landed'>;

/** Asks policy whether the change may land, and lands it: the last step of an attempt that passed its verdict. */
export async function landChange(env: ExecutorEnv, scope: AttemptScope, work: LandingWork): Promise<LandingEnd> {
  const { task, workspace } = scope;
  const { git, base } = workspace;
  if (!git || base === null) throw new Error('only work in git can land');
  const ask = taskAsk(SYSTEM, 'task.land', task);
  const changed = work.change.paths;
  const facts = { changed_paths: changed, checks_changed: checksTouched(task.checks, changed).length > 0 };
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
    git,
    {
      task,
      attempt: scope.attempt.id,
      ai: scope.ai.id,
      commit: work.commit,
      base,
      evidence: work.change.draft?.digest ?? 'none',
    },
    {
      earlier: await earlierLandings(env, task.id),
      recheck: (commit) => recheck(env, scope, commit),
      intend: async (intent) => {
        if (scope.signal.aborted) return false;
        const outcome = await env.store.tasks.intendLanding(scope.lease, intent, recordIntent('system'));
        return outcome.status === 'recorded';
      },
    },
  );
  return settlementOf(result, work);
}

function blocked(work: LandingWork, block: Extract<Settlement, { kind: 'blocked' }>['blockedBy'][number]): LandingEnd {
  return { settlement: { kind: 'blocked', blockedBy: [block] }, verdict: work.verdict, landed: null };
}

/** The checks passed on the attempt's own commit; on a merge with somebody else's work they must pass again. */
async function recheck(env: ExecutorEnv, scope: AttemptScope, commit: string): Promise<string | null> {
  const { git } = scope.workspace;
  if (!git) return null;
  await git.run(['checkout', '--quiet', '--force', '--detach', commit]);
  const tree = await git.run(['rev-parse', `${commit}^{tree}`]);
  for (const check of scope.task.checks) {
    scope.progress({ task: scope.task.id, step: 'check', text: `${check} (merged with what landed meanwhile)` });
  }
  const checks = await runChecks(env, commandScopeOf(scope), scope.task.checks, tree);
  scope.evidence.add(...checks.drafts);
  await scope.evidence.flush();
  const failed = checks.results.find((check) => check.exitCode !== 0);
  if (!failed && scope.signal.aborted) return 'The attempt was stopped before its checks had all run.';
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
