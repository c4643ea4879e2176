import type { SqlDatabase, SqlValue } from '@signalbox/kernel/sqlite';
import { TaskError } from '../errors.js';
import type { HeldTask, TaskFilter, TaskPage } from '../store.js';
import { TASK_STATUSES, type TaskStatus } from '../task.js';
import { orderBy, readCursor, writeCursor } from './cursor.js';
import { attemptAt, toExecutor, toTask } from './rows.js';

export function listTasks(db: SqlDatabase, filter: TaskFilter = {}): TaskPage {
  const where: string[] = [];
  const params: SqlValue[] = [];
  if (filter.status?.length) {
    where.push(`status IN (${filter.status.map(() => '?').join(', ')})`);
    params.push(...filter.status);
  }
  if (filter.ready) where.push('ready = 1');
  if (filter.ai !== undefined) {
    where.push("json_extract(spec, '$.ai') = ?");
    params.push(filter.ai);
  }
  for (const [key, value] of Object.entries(filter.labels ?? {})) {
    where.push("EXISTS (SELECT 1 FROM json_each(spec, '$.labels') AS label WHERE label.key = ? AND label.value = ?)");
    params.push(key, value);
  }
  const limit = Math.min(Math.max(filter.limit ?? 50, 1), 1_000);
  const sort = filter.sort ?? 'priority';
  if (filter.cursor !== undefined) {
    const after = readCursor(filter.cursor, sort);
    where.push(after.where);
    params.push(...after.params);
  }
  const rows = db
    .prepare(
      `SELECT * FROM task ${where.length ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY ${orderBy(sort)} LIMIT ?`,
    )
    .all(...params, limit + 1);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { tasks: page.map((row) => toTask(db, row)), next: last ? writeCursor(last, sort) : null };
}

export function countTasks(db: SqlDatabase): Record<TaskStatus, number> {
  const counts = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>;
  for (const row of db.prepare('SELECT status, count(*) AS n FROM task GROUP BY status').all()) {
    counts[row['status'] as TaskStatus] = Number(row['n']);
  }
  return counts;
}

export function resolvePrefix(db: SqlDatabase, prefix: string): string {
  const full = prefix.startsWith('tsk_') ? prefix : `tsk_${prefix}`;
  // Nothing is no prefix: a script's unset variable must not name the only task there is.
  const rows =
    full === 'tsk_'
      ? []
      : db.prepare("SELECT id FROM task WHERE id >= ? AND id < ? || '~' ORDER BY id LIMIT 2").all(full, full);
  if (rows.length === 1) return String(rows[0]?.['id']);
  if (rows.length === 0) {
    throw new TaskError({
      code: 'NOT_FOUND',
      message: `There is no task "${prefix}".`,
      hint: 'List the tasks with `signalbox task list`.',
    });
  }
  throw new TaskError({
    code: 'AMBIGUOUS_ID',
    message: `More than one task begins with ${prefix}.`,
    hint: 'Give more of the id.',
    details: { matches: rows.map((row) => String(row['id'])) },
  });
}

export function listHeld(db: SqlDatabase): HeldTask[] {
  return db
    .prepare('SELECT * FROM task WHERE lease_expires IS NOT NULL ORDER BY seq')
    .all()
    .map((row) => ({
      task: toTask(db, row),
      attempt: attemptAt(db, String(row['id']), Number(row['fence'])),
      executor: toExecutor(row),
    }));
}
