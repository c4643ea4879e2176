import type { Block, Failure, FailureClass } from './task.js';

/** What becomes of a task whose attempt failed. */
export type AfterFailure =
  | { status: 'queued'; spent: boolean; delayMs: number }
  | { status: 'blocked'; blockedBy: Block[] }
  | { status: 'failed' };

interface Backoff {
  baseMs: number;
  capMs: number;
}

// The next attempt is told what failed, so waiting would gain nothing.
const AT_ONCE: Backoff = { baseMs: 0, capMs: 0 };
const LATER: Backoff = { baseMs: 10_000, capMs: 5 * 60_000 };

const SPENDING: Partial<Record<FailureClass, Backoff>> = {
  agent_error: AT_ONCE,
  invalid_output: AT_ONCE,
  checks_failed: AT_ONCE,
  lease_lost: AT_ONCE,
  transient: LATER,
  timeout: LATER,
  stalled: LATER,
  crashed: LATER,
};

/**
 * The retry policy, as a pure function of the failure and of how many attempts are spent.
 *
 * `rate_limited` and `cancelled` spend no attempt; `auth` and `policy_denied` wait for a person; the rest are tried again,
 * at once or with exponential backoff, until `maxAttempts`.
 */
export function planAfterFailure(
  failure: Failure,
  spent: { attempt: number; maxAttempts: number },
  now: number,
): AfterFailure {
  switch (failure.class) {
    case 'rate_limited':
      return { status: 'queued', spent: false, delayMs: Math.max(0, (failure.resumeAt ?? now + LATER.capMs) - now) };
    case 'cancelled':
      return { status: 'queued', spent: false, delayMs: 0 };
    case 'auth':
    case 'policy_denied':
      return { status: 'blocked', blockedBy: [{ kind: 'human', reason: failure.message }] };
    default: {
      if (spent.attempt >= spent.maxAttempts) return { status: 'failed' };
      const { baseMs, capMs } = SPENDING[failure.class] ?? LATER;
      return { status: 'queued', spent: true, delayMs: Math.min(capMs, baseMs * 2 ** (spent.attempt - 1)) };
    }
  }
}
