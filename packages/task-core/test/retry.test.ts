import { describe, expect, it } from '@jest/globals';
import {
  type AfterFailure,
  DEFAULT_RETRY_POLICY,
  FAILURE_CLASSES,
  type FailureClass,
  planAfterFailure,
} from '../src/index.js';

const NOW = 1_000_000;
const plan = (name: FailureClass, attempt = 1, maxAttempts = 3, resumeAt?: number): AfterFailure =>
  planAfterFailure(
    { class: name, message: 'why', ...(resumeAt === undefined ? {} : { resumeAt }) },
    { attempt, maxAttempts },
    NOW,
  );

describe('planAfterFailure', () => {
  it('knows what follows from every class of failure', () => {
    const first = Object.fromEntries(FAILURE_CLASSES.map((name) => [name, plan(name)]));
    const waits = { status: 'blocked', blockedBy: [{ kind: 'human', reason: 'why' }] };
    expect(first).toEqual({
      transient: { status: 'queued', spent: true, delayMs: 10_000 },
      rate_limited: { status: 'queued', spent: false, delayMs: 300_000 },
      auth: waits,
      agent_error: { status: 'queued', spent: true, delayMs: 0 },
      invalid_output: { status: 'queued', spent: true, delayMs: 0 },
      timeout: { status: 'queued', spent: true, delayMs: 10_000 },
      stalled: { status: 'queued', spent: true, delayMs: 10_000 },
      cancelled: { status: 'queued', spent: false, delayMs: 0 },
      policy_denied: waits,
      lease_lost: { status: 'queued', spent: true, delayMs: 0 },
      checks_failed: { status: 'queued', spent: true, delayMs: 0 },
      crashed: { status: 'queued', spent: true, delayMs: 10_000 },
      need_failed: { status: 'failed' },
    });
  });

  it('gives up when the attempts are used up, but only where an attempt is spent', () => {
    for (const name of FAILURE_CLASSES) {
      const free = ['rate_limited', 'cancelled', 'auth', 'policy_denied'].includes(name);
      expect([name, plan(name, 3, 3).status === 'failed']).toEqual([name, !free]);
      expect([name, plan(name, 4, 3).status === 'failed']).toEqual([name, !free]);
    }
  });

  it('doubles the delay with every attempt, up to five minutes', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 99].map((attempt) => plan('timeout', attempt, 100));
    expect(delays.map((after) => 'delayMs' in after && after.delayMs / 1_000)).toEqual([
      10, 20, 40, 80, 160, 300, 300, 300,
    ]);
    expect(plan('agent_error', 99, 100)).toMatchObject({ delayMs: 0 });
  });

  it('takes the part of the longest delay that it is given, and a policy that it is given', () => {
    const failure = { class: 'timeout', message: 'why' } as const;
    const spent = { attempt: 2, maxAttempts: 5 };
    expect(planAfterFailure(failure, spent, NOW, { jitter: 0.25 })).toMatchObject({ delayMs: 5_000 });
    const policy = { ...DEFAULT_RETRY_POLICY, timeout: { next: 'fail' } as const };
    expect(planAfterFailure(failure, spent, NOW, { policy })).toEqual({ status: 'failed' });
  });

  it('resumes when the provider said, and at once if that has passed', () => {
    expect(plan('rate_limited', 1, 1, NOW + 5)).toEqual({ status: 'queued', spent: false, delayMs: 5 });
    expect(plan('rate_limited', 1, 1, NOW - 5)).toEqual({ status: 'queued', spent: false, delayMs: 0 });
  });

  it('makes a whole number of milliseconds within a year of whatever the provider said', () => {
    expect(plan('rate_limited', 1, 1, NOW + 4.2)).toMatchObject({ delayMs: 5 });
    expect(plan('rate_limited', 1, 1, 1e20)).toMatchObject({ delayMs: 366 * 24 * 3_600_000 });
    expect(plan('rate_limited', 1, 1, Number.NaN)).toMatchObject({ delayMs: 300_000 });
  });
});
