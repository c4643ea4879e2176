import { sha256 } from '@signalbox/kernel';
import { planAfterFailure, type RetryPolicy, untilResume } from '../retry.js';
import type { Settlement } from '../store.js';
import type { AttemptOutcome, Block, Failure, TaskStatus } from '../task.js';
import type { TaskRecord } from './record.js';

/** The state that ends a lease. */
export interface NextState {
  status: TaskStatus;
  outcome: AttemptOutcome;
  /** What the task remembers: the next attempt is told. */
  failure: Failure | null;
  /** What the attempt ended with. */
  attemptFailure: Failure | null;
  blockedBy: readonly Block[];
  /** Whether the attempt that just ended counts. */
  spent: boolean;
  notBefore: number | null;
}

const BASE = { failure: null, attemptFailure: null, blockedBy: [], spent: true, notBefore: null };

/** What a settlement leads to. Somebody's wish to cancel the task holds for every outcome but `done`. */
export function nextState(record: TaskRecord, settlement: Settlement, now: number, policy: RetryPolicy): NextState {
  const next = settled(record, settlement, now, policy);
  return !record.lease?.cancelAt || next.status === 'done' ? next : { ...next, status: 'cancelled', blockedBy: [] };
}

function settled(record: TaskRecord, settlement: Settlement, now: number, policy: RetryPolicy): NextState {
  switch (settlement.kind) {
    case 'done':
      return { ...BASE, status: 'done', outcome: 'succeeded' };
    case 'cancelled':
      return { ...BASE, status: 'cancelled', outcome: 'released', failure: record.failure };
    case 'release': {
      const kept = { failure: record.failure, notBefore: record.notBefore };
      return { ...BASE, ...kept, status: 'queued', outcome: 'released', spent: false };
    }
    case 'blocked': {
      const { blockedBy, failure } = settlement;
      const failures = { failure: failure ?? record.failure, attemptFailure: failure ?? null };
      return { ...BASE, ...failures, status: 'blocked', outcome: 'blocked', spent: false, blockedBy };
    }
    case 'failure': {
      const delayMs = untilResume(settlement.retryAt, now);
      if (delayMs === null) return afterFailure(record, settlement.failure, now, policy);
      return { ...failed(record, settlement.failure), spent: false, notBefore: notBefore(now, delayMs) };
    }
  }
}

/** To be tried again at once, with an attempt spent. */
function failed(record: TaskRecord, failure: Failure): NextState {
  // Being stopped from outside says nothing about the work, so what is known of the attempt before stays.
  const remembered = failure.class === 'cancelled' ? record.failure : failure;
  return { ...BASE, status: 'queued', outcome: 'failed', failure: remembered, attemptFailure: failure };
}

function notBefore(now: number, delayMs: number): number | null {
  return delayMs > 0 ? now + delayMs : null;
}

/** What follows from a failed attempt, or from a claim that was given up before it started. */
export function afterFailure(record: TaskRecord, failure: Failure, now: number, policy: RetryPolicy): NextState {
  const base = failed(record, failure);
  if (record.status === 'claimed') return { ...base, spent: false };
  const { attempt, spec } = record;
  const plan = planAfterFailure(failure, { attempt, maxAttempts: spec.maxAttempts }, now, {
    policy,
    jitter: jitterOf(record),
  });
  switch (plan.status) {
    case 'failed':
      return { ...base, status: 'failed' };
    case 'blocked':
      return { ...base, status: 'blocked', outcome: 'blocked', spent: false, blockedBy: plan.blockedBy };
    case 'queued':
      return { ...base, spent: plan.spent, notBefore: notBefore(now, plan.delayMs) };
  }
}

/** Even over tasks and attempts, and the same whenever it is asked for: nothing random is left to chance in a replay. */
function jitterOf(record: TaskRecord): number {
  return (
    Number.parseInt(
      sha256(`${record.id} ${record.fence}`)
        .replace(/^sha256:/, '')
        .slice(0, 8),
      16,
    ) /
    2 ** 32
  );
}
