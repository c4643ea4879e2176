import { isoTime, type JsonObject } from '@signalbox/kernel';
import type { SqlDatabase, SqlRow } from '@signalbox/kernel/sqlite';
import type { Attempt, AttemptOutcome, Block, Executor, LeaseView, Task, TaskSpec, TaskStatus } from '../task.js';

const time = (value: unknown): string | null => (value === null ? null : isoTime(Number(value)));
const parsed = <T>(value: unknown): T | null => (value === null ? null : (JSON.parse(String(value)) as T));

/** Reads a task from its row; the reasons for a block are gathered from where each is kept. */
export function toTask(db: SqlDatabase, row: SqlRow): Task {
  const spec = JSON.parse(String(row['spec'])) as TaskSpec;
  const status = row['status'] as TaskStatus;
  return {
    id: String(row['id']),
    ...spec,
    status,
    notBefore: time(row['not_before']),
    attempt: Number(row['attempt']),
    blockedBy: status === 'blocked' ? blocksOf(db, row) : [],
    failure: parsed(row['failure']),
    version: Number(row['version']),
    createdAt: isoTime(Number(row['created_at'])),
    createdBy: String(row['created_by']),
    startedAt: time(row['started_at']),
    finishedAt: time(row['finished_at']),
    lease: leaseOf(row),
  };
}

function blocksOf(db: SqlDatabase, row: SqlRow): Block[] {
  const id = String(row['id']);
  const needs = db
    .prepare(
      `SELECT n.need AS task, t.status AS status FROM task_need n JOIN task t ON t.id = n.need
       WHERE n.task = ? AND t.status <> 'done' ORDER BY t.seq`,
    )
    .all(id);
  const waits = db.prepare('SELECT holder AS task, glob FROM lock_wait WHERE task = ? ORDER BY holder').all(id);
  return [
    ...needs.map(
      (need): Block => ({ kind: 'dependency', task: String(need['task']), state: needState(need['status']) }),
    ),
    ...waits.map((wait): Block => ({ kind: 'lock', task: String(wait['task']), glob: String(wait['glob']) })),
    ...(JSON.parse(String(row['blocked_by'])) as Block[]),
  ];
}

function needState(status: unknown): 'unmet' | 'failed' | 'cancelled' {
  return status === 'failed' || status === 'cancelled' ? status : 'unmet';
}

function leaseOf(row: SqlRow): LeaseView | null {
  if (row['lease_expires'] === null) return null;
  return {
    fence: Number(row['fence']),
    holder: String(row['lease_holder']),
    expiresAt: isoTime(Number(row['lease_expires'])),
    ttlMs: Number(row['lease_ttl']),
    heartbeatAt: isoTime(Number(row['lease_heartbeat'])),
  };
}

export function toAttempt(row: SqlRow): Attempt {
  return {
    id: String(row['id']),
    task: String(row['task']),
    number: Number(row['number']),
    fence: Number(row['fence']),
    ai: row['ai'] === null ? null : String(row['ai']),
    startedAt: isoTime(Number(row['started_at'])),
    finishedAt: time(row['finished_at']),
    outcome: row['outcome'] as AttemptOutcome | null,
    failure: parsed(row['failure']),
    landing: parsed(row['landing']),
    data: JSON.parse(String(row['data'])) as JsonObject,
  };
}

export function toExecutor(row: SqlRow): Executor | null {
  return parsed<Executor>(row['executor']);
}

export function findRow(db: SqlDatabase, id: string): SqlRow | undefined {
  return db.prepare('SELECT * FROM task WHERE id = ?').get(id);
}

export function mustFindTask(db: SqlDatabase, id: string): Task {
  const row = findRow(db, id);
  if (!row) throw new Error(`task ${id} vanished inside its own transaction`);
  return toTask(db, row);
}

/** The attempt under this fence, if the task was started. */
export function attemptAt(db: SqlDatabase, task: string, fence: number): Attempt | null {
  const row = db.prepare('SELECT * FROM attempt WHERE task = ? AND fence = ?').get(task, fence);
  return row ? toAttempt(row) : null;
}
