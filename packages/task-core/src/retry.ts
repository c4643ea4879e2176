import type { Block, Failure, FailureClass } from './task.js';

/** What becomes of a task whose attempt failed. */
export type AfterFailure =
  | { status: 'queued'; spent: boolean; delayMs: number }
  | { status: 'blocked'; blockedBy: Block[] }
  | { status: 'failed' };

/**
 * What follows from one class of failure.
 *
 * - `retry`: again, until `maxAttempts`. The delay before the n-th retry is drawn evenly from 0 to
 *   `min(capMs, baseMs × 2ⁿ⁻¹)` ("full jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/),
 *   so that what failed together does not come back together.
 * - `again`: as often as it takes, without an attempt spent, after `delayMs` or when the failure says.
 * - `block`: a person has to look.
 * - `fail`: no retry mends it.
 */
export type RetryRule =
  | { next: 'retry'; baseMs: number; capMs: number }
  | { next: 'again'; delayMs: number }
  | { next: 'block' }
  | { next: 'fail' };

export type RetryPolicy = Readonly<Record<FailureClass, RetryRule>>;

// The next attempt is told what failed, so waiting would gain nothing.
const AT_ONCE: RetryRule = { next: 'retry', baseMs: 0, capMs: 0 };
const LATER: RetryRule = { next: 'retry', baseMs: 10_000, capMs: 5 * 60_000 };

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  agent_error: AT_ONCE,
  invalid_output: AT_ONCE,
  checks_failed: AT_ONCE,
  lease_lost: AT_ONCE,
  transient: LATER,
  timeout: LATER,
  stalled: LATER,
  crashed: LATER,
  rate_limited: { next: 'again', delayMs: 5 * 60_000 },
  cancelled: { next: 'again', delayMs: 0 },
  auth: { next: 'block' },
  policy_denied: { next: 'block' },
  need_failed: { next: 'fail' },
};

/** The longest that a provider can put a task off. */
const MAX_DELAY_MS = 366 * 24 * 3_600_000;

export interface RetryChoice {
  /** Default: {@link DEFAULT_RETRY_POLICY}. */
  policy?: RetryPolicy;
  /** Which part of the longest delay to take, from 0 to 1. Default 1. */
  jitter?: number;
}

/** The retry policy applied: a pure function of the failure and of how many attempts are spent. */
export function planAfterFailure(
  failure: Failure,
  spent: { attempt: number; maxAttempts: number },
  now: number,
  { policy = DEFAULT_RETRY_POLICY, jitter = 1 }: RetryChoice = {},
): AfterFailure {
  const rule = policy[failure.class];
  switch (rule.next) {
    case 'fail':
      return { status: 'failed' };
    case 'block':
      return { status: 'blocked', blockedBy: [{ kind: 'human', reason: failure.message }] };
    case 'again':
      return { status: 'queued', spent: false, delayMs: untilResume(failure.resumeAt, now) ?? rule.delayMs };
    case 'retry': {
      if (spent.attempt >= spent.maxAttempts) return { status: 'failed' };
      const longest = Math.min(rule.capMs, rule.baseMs * 2 ** (spent.attempt - 1));
      return { status: 'queued', spent: true, delayMs: Math.round(longest * jitter) };
    }
  }
}

// A provider's word: it can be a fraction, or no time at all.
/** Milliseconds from now until somebody accepts work again; null if that is not known. */
export function untilResume(resumeAt: number | undefined, now: number): number | null {
  if (resumeAt === undefined || !Number.isFinite(resumeAt)) return null;
  return Math.ceil(Math.min(Math.max(0, resumeAt - now), MAX_DELAY_MS));
}
