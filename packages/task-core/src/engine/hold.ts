import { isoTime, sha256 } from '@signalbox/kernel';
import { TaskError } from '../errors.js';
import type {
  AddLockOutcome,
  AttemptDraft,
  FenceRef,
  LandingOutcome,
  LeaseLost,
  LeaseRef,
  StartOutcome,
} from '../store.js';
import type { Attempt, LandingIntent, PathLock } from '../task.js';
import { assertLocks, findConflicts, takeLocks } from './path-locks.js';
import { put } from './put.js';
import type { TaskRecord } from './record.js';
import type { Tables } from './tables.js';
import { mustFind, toTask, wrongState } from './view.js';

const MIN_TTL_MS = 1_000;
const MAX_TTL_MS = 365 * 24 * 3_600_000;

/** Throws `INVALID_TTL` for a lease that no holder could keep alive, or that would as good as never end. */
export function assertTtl(ttlMs: number): void {
  if (Number.isInteger(ttlMs) && ttlMs >= MIN_TTL_MS && ttlMs <= MAX_TTL_MS) return;
  throw new TaskError({
    code: 'INVALID_TTL',
    message: `A lease cannot last ${ttlMs} ms: a holder must have time for three heartbeats, and an end must come.`,
    hint: `Ask for a whole number of milliseconds from ${MIN_TTL_MS} to ${MAX_TTL_MS} (365 days).`,
  });
}

/** The record of a task that `ref` still holds, or what to answer a holder that lost it. */
export function findHeld(tables: Tables, ref: LeaseRef | FenceRef): { record: TaskRecord } | { lost: LeaseLost } {
  const record = mustFind(tables, ref.task);
  const { lease, fence } = record;
  const current = lease !== null && ('lease' in ref ? lease.digest === sha256(ref.lease) : fence === ref.fence);
  return current ? { record } : { lost: { status: 'lease_lost', task: toTask(tables, record) } };
}

export function startTask(tables: Tables, ref: LeaseRef, draft: AttemptDraft, now: number): StartOutcome {
  const held = findHeld(tables, ref);
  if ('lost' in held) return held.lost;
  const { record } = held;
  if (record.status !== 'claimed') {
    throw wrongState(record, 'it cannot be started again', 'Complete, fail or release it.');
  }
  const running = draft.ai === null ? 0 : tables.countRunning(draft.ai);
  if (running >= (draft.maxConcurrent ?? Number.POSITIVE_INFINITY)) {
    return { status: 'busy', task: toTask(tables, record), running };
  }
  const reason = draft.admission?.refuses(tables.attemptsSince(Date.parse(draft.admission.since))) ?? null;
  if (reason !== null) return { status: 'refused', task: toTask(tables, record), reason };
  begin(record, now);
  put(tables, record, now);
  const attempt = openAttempt(tables, record, draft, now);
  return { status: 'started', task: toTask(tables, record), attempt };
}

/** Not saved yet. */
export function begin(record: TaskRecord, now: number): void {
  record.status = 'running';
  record.attempt += 1;
  record.startedAt ??= now;
}

export function openAttempt(tables: Tables, record: TaskRecord, draft: AttemptDraft, now: number): Attempt {
  const attempt: Attempt = {
    id: draft.id,
    task: record.id,
    number: record.attempt,
    fence: record.fence,
    ai: draft.ai,
    startedAt: isoTime(now),
    finishedAt: null,
    outcome: null,
    failure: null,
    landing: null,
    data: draft.data,
  };
  tables.insertAttempt(attempt);
  return attempt;
}

export function writeLandingIntent(tables: Tables, ref: LeaseRef, landing: LandingIntent): LandingOutcome {
  const held = findHeld(tables, ref);
  if ('lost' in held) return held.lost;
  const { record } = held;
  const attempt = tables.attemptAt(record.id, record.fence);
  if (!attempt)
    throw wrongState(record, 'it has no attempt that could land', 'Start it first with `signalbox task start`.');
  const intended = { ...attempt, landing };
  tables.saveAttempt(intended);
  return { status: 'recorded', task: toTask(tables, record), attempt: intended };
}

/**
 * Takes one more lock for a held task, or says who is in the way. A lock that it has already is granted. Throws `INVALID_TASK`
 * for one that cannot be read, and for one too many, also while somebody is in its way: the task would wait for it in vain.
 */
export function addLock(tables: Tables, ref: LeaseRef | FenceRef, lock: PathLock, now: number): AddLockOutcome {
  assertLocks([lock]);
  const held = findHeld(tables, ref);
  if ('lost' in held) return held.lost;
  const { record } = held;
  const own = record.spec.locks;
  const isNew = !own.some((each) => each.glob === lock.glob && each.mode === lock.mode);
  if (isNew) assertLocks([...own, lock]);
  const conflicts = findConflicts(tables, record.id, [lock]);
  if (conflicts.length > 0) return { status: 'locked', task: toTask(tables, record), conflicts };
  if (isNew) {
    record.spec = { ...record.spec, locks: [...own, lock] };
    tables.saveSpec(record);
    put(tables, record, now);
    takeLocks(tables, record.id, [lock]);
  }
  return { status: 'granted', task: toTask(tables, record) };
}
