import type { Clock } from '@signalbox/kernel';
import type { Attempt, Budget, Failure } from '@signalbox/task-core';
import { describeAmount } from '../budgets/budgets.js';

/** A timer of Node holds no more, 24.8 days, and no attempt lasts as long: https://nodejs.org/api/timers.html */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * A signal that also aborts once the time that was reserved for an attempt is over, counted from its start. Nothing of it may
 * go on by then, be it set-up, agent, checks or an approval that is waited for. `end` must be called when it has ended.
 */
export function limitTime(
  clock: Clock,
  { attempt, signal }: { attempt: Attempt; signal: AbortSignal },
): { signal: AbortSignal; end(): void } {
  const { timeMs } = (attempt.data['reserved'] ?? {}) as Budget;
  if (timeMs === undefined || timeMs > LONGEST_MS) return { signal, end() {} };
  const over = new AbortController();
  // Clocks may have jumped since it was started.
  const leftMs = Date.parse(attempt.startedAt) + timeMs - clock.now();
  const end = clock.after(Math.min(timeMs, Math.max(0, leftMs)), () => {
    const message = `The budget of the attempt was used up: it may take ${describeAmount('timeMs', timeMs)}.`;
    over.abort({ class: 'timeout', message } satisfies Failure);
  });
  return { signal: AbortSignal.any([signal, over.signal]), end };
}
