import { sha256 } from '@signalbox/kernel';
import type { SqlDatabase, SqlRow } from '@signalbox/kernel/sqlite';
import { TaskError } from '../errors.js';
import type {
  AttemptDraft,
  FenceRef,
  HeartbeatOutcome,
  LandingOutcome,
  LeaseLost,
  LeaseRef,
  StartOutcome,
} from '../store.js';
import type { LandingIntent } from '../task.js';
import { attemptAt, findRow, mustFindTask, toTask } from './rows.js';

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

/** The row of a task that `ref` still holds, or what to answer a holder that lost it. */
export function heldRow(db: SqlDatabase, ref: LeaseRef | FenceRef): { row: SqlRow } | { lost: LeaseLost } {
  const row = findRow(db, ref.task);
  if (!row) {
    throw new TaskError({
      code: 'NOT_FOUND',
      message: `There is no task ${ref.task}.`,
      hint: 'List the tasks with `signalbox task list`.',
    });
  }
  const current =
    'lease' in ref
      ? row['lease_digest'] !== null && row['lease_digest'] === sha256(ref.lease)
      : row['lease_digest'] !== null && Number(row['fence']) === ref.fence;
  return current ? { row } : { lost: { status: 'lease_lost', task: toTask(db, row) } };
}

export function startTask(db: SqlDatabase, ref: LeaseRef, attempt: AttemptDraft, now: number): StartOutcome {
  const held = heldRow(db, ref);
  if ('lost' in held) return held.lost;
  if (held.row['status'] !== 'claimed') {
    throw new TaskError({
      code: 'WRONG_STATE',
      message: `${ref.task} is ${String(held.row['status'])} and cannot be started again.`,
      hint: 'Complete, fail or release it.',
    });
  }
  const running = runningAttempts(db, attempt.ai);
  if (running >= (attempt.maxConcurrent ?? Number.POSITIVE_INFINITY)) {
    return { status: 'busy', task: toTask(db, held.row), running };
  }
  db.prepare(
    `UPDATE task SET status = 'running', attempt = attempt + 1, started_at = coalesce(started_at, ?), version = version + 1,
       updated_at = ? WHERE id = ?`,
  ).run(now, now, ref.task);
  const task = mustFindTask(db, ref.task);
  const fence = Number(held.row['fence']);
  db.prepare('INSERT INTO attempt (id, task, number, fence, ai, started_at, data) VALUES (?, ?, ?, ?, ?, ?, ?)').run(
    attempt.id,
    ref.task,
    task.attempt,
    fence,
    attempt.ai,
    now,
    JSON.stringify(attempt.data),
  );
  const opened = attemptAt(db, ref.task, fence);
  if (!opened) throw new Error('the attempt just inserted is gone');
  return { status: 'started', task, attempt: opened };
}

function runningAttempts(db: SqlDatabase, ai: string | null): number {
  if (ai === null) return 0;
  return Number(db.prepare('SELECT count(*) AS n FROM attempt WHERE ai = ? AND outcome IS NULL').get(ai)?.['n']);
}

export function renewLease(db: SqlDatabase, ref: LeaseRef, now: number, ttlMs?: number): HeartbeatOutcome {
  if (ttlMs !== undefined) assertTtl(ttlMs);
  const held = heldRow(db, ref);
  if ('lost' in held) return held.lost;
  const ttl = ttlMs ?? Number(held.row['lease_ttl']);
  db.prepare('UPDATE task SET lease_ttl = ?, lease_expires = ?, lease_heartbeat = ? WHERE id = ?').run(
    ttl,
    now + ttl,
    now,
    ref.task,
  );
  return { status: 'renewed', task: mustFindTask(db, ref.task) };
}

export function writeLandingIntent(db: SqlDatabase, ref: LeaseRef, intent: LandingIntent): LandingOutcome {
  const held = heldRow(db, ref);
  if ('lost' in held) return held.lost;
  const fence = Number(held.row['fence']);
  db.prepare('UPDATE attempt SET landing = ? WHERE task = ? AND fence = ?').run(
    JSON.stringify(intent),
    ref.task,
    fence,
  );
  const attempt = attemptAt(db, ref.task, fence);
  if (!attempt) {
    throw new TaskError({
      code: 'WRONG_STATE',
      message: `${ref.task} has not been started, so it has nothing to land.`,
      hint: 'Start it first.',
    });
  }
  return { status: 'recorded', task: toTask(db, held.row), attempt };
}
