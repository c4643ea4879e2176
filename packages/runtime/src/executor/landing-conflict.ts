import { sha256 } from '@signalbox/kernel';
import type { Attempt, Failure, Settlement } from '@signalbox/task-core';
import type { AttemptScope } from './attempt-scope.js';
import type { ExecutorEnv } from './env.js';

/** Attempts in a row that end with a conflict without being spent. More, and the tasks cut up the work in the wrong way. */
const MOST_SPARED = 5;
/** Milliseconds, for the first one; each further one in a row doubles it. */
const BASE_MS = 2_000;
const CAP_MS = 60_000;

/**
 * What becomes of it when the work conflicts with what landed while it was done: the work was good, and who comes first is
 * chance. So it is tried again without an attempt spent, after a pause that grows, so that those who contend draw apart.
 */
export async function afterConflict(env: ExecutorEnv, scope: AttemptScope, failure: Failure): Promise<Settlement> {
  const attempts = await env.store.tasks.attempts(scope.task.id);
  const earlier = conflictsInRow(attempts.filter(({ id }) => id !== scope.attempt.id));
  scope.data['conflicted'] = true;
  if (earlier >= MOST_SPARED) return { kind: 'failure', failure };
  return { kind: 'failure', failure, retryAt: env.store.clock.now() + pauseOf(earlier, scope.attempt.id) };
}

function conflictsInRow(attempts: readonly Attempt[]): number {
  const last = attempts.findLastIndex(({ data }) => data['conflicted'] !== true);
  return attempts.length - 1 - last;
}

/** Half of it is the attempt's own: two that have met are not to meet again. */
function pauseOf(earlier: number, attempt: string): number {
  const longest = Math.min(CAP_MS, BASE_MS * 2 ** earlier);
  const part = Number.parseInt(sha256(attempt).slice(-8), 16) / 2 ** 32;
  return Math.round((longest * (1 + part)) / 2);
}
