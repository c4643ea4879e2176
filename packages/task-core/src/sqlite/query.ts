import type { SqlDatabase, SqlValue } from '@signalbox/kernel/sqlite';
import { listTasks, type Order } from '../engine/paging.js';
import type { Reads } from '../engine/ports.js';
import type { Tables } from '../engine/tables.js';
import { toTask } from '../engine/view.js';
import type { TaskFilter, TaskPage } from '../store.js';
import { TASK_STATUSES, type TaskStatus } from '../task.js';
import { afterCursor, cursorAt, orderBy } from './cursor.js';
import { toHeldRecord } from './lease-table.js';
import { toAttempt } from './rows.js';

export function createReads(db: SqlDatabase, tables: Tables): Reads {
  return {
    get(id) {
      const record = tables.findTask(id);
      return record ? toTask(tables, record) : null;
    },
    idsWithPrefix: (prefix) =>
      db
        .prepare("SELECT id FROM task WHERE id >= ? AND id < ? || '~' ORDER BY id LIMIT 2")
        .all(prefix, prefix)
        .map((row) => row['id'] as string),
    list: (filter) => listTasks(filter, (...page) => readPage(db, tables, filter, ...page)),
    counts: () => countTasks(db),
    dependents: (id) =>
      db
        .prepare('SELECT task FROM task_need WHERE need = ? ORDER BY task')
        .all(id)
        .map((row) => row['task'] as string),
    held: () =>
      db
        .prepare('SELECT task.* FROM lease JOIN task ON task.id = lease.task ORDER BY seq')
        .all()
        .map((row) => toHeldRecord(db, row))
        .map((record) => ({
          task: toTask(tables, record),
          attempt: tables.attemptAt(record.id, record.fence) ?? null,
          executor: record.lease?.executor ?? null,
        })),
    attempts: (task) => db.prepare('SELECT * FROM attempt WHERE task = ? ORDER BY fence').all(task).map(toAttempt),
    attemptsOf: (ai, limit) =>
      db
        .prepare('SELECT * FROM attempt WHERE ai = ? ORDER BY started_at DESC, id DESC LIMIT ?')
        .all(ai, limit)
        .map(toAttempt),
    endedAttempts: (from, to, limit, after) =>
      db
        .prepare(
          `SELECT * FROM attempt WHERE finished_at >= ? AND finished_at < ? AND (finished_at, id) > (?, ?)
           ORDER BY finished_at, id LIMIT ?`,
        )
        .all(Math.max(from, after?.time ?? from), to, after?.time ?? -1, after?.id ?? '', limit)
        .map(toAttempt),
  };
}

function readPage(
  db: SqlDatabase,
  tables: Tables,
  filter: TaskFilter,
  ...[order, limit, cursor]: [Order, number, string?]
): TaskPage {
  const { where, params } = conditions(filter);
  if (cursor !== undefined) {
    const after = afterCursor(cursor, order);
    where.push(after.where);
    params.push(...after.params);
  }
  const source = order === 'rank' ? READY : order === 'behind' ? BEHIND : 'SELECT * FROM task';
  const rows = db
    .prepare(`${source}${where.length ? ` WHERE ${where.join(' AND ')}` : ''} ORDER BY ${orderBy(order)} LIMIT ?`)
    .all(...params, limit + 1);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const tasks = rows.slice(0, limit).map((row) => toTask(tables, toHeldRecord(db, row)));
  return { tasks, next: last ? cursorAt(last, order) : null };
}

const READY = 'SELECT * FROM (SELECT * FROM task WHERE ready = 1)';

// Who waits only for tasks that hold no lock could start: those were merely to come first. One look into the index for each
// task that is waited for, however many wait for it.
const BEHIND = `SELECT * FROM (
  WITH RECURSIVE waited_for(holder) AS (
    SELECT min(holder) FROM lock_wait
    UNION ALL
    SELECT (SELECT min(holder) FROM lock_wait WHERE holder > waited_for.holder) FROM waited_for WHERE holder IS NOT NULL
  ), idle(holder) AS (
    SELECT holder FROM waited_for WHERE holder IS NOT NULL AND NOT EXISTS (SELECT 1 FROM path_lock WHERE task = holder)
  )
  SELECT DISTINCT task.* FROM idle JOIN lock_wait w ON w.holder = idle.holder JOIN task ON task.id = w.task
  WHERE task.status = 'blocked' AND task.unmet = 0 AND task.blocks IS NULL
    AND NOT EXISTS (SELECT 1 FROM lock_wait o JOIN path_lock p ON p.task = o.holder WHERE o.task = task.id))`;

function conditions(filter: TaskFilter): { where: string[]; params: SqlValue[] } {
  const where: string[] = [];
  const params: SqlValue[] = [];
  if (filter.status?.length) {
    where.push(`status IN (${filter.status.map(() => '?').join(', ')})`);
    params.push(...filter.status);
  }
  if (filter.ai !== undefined) {
    where.push("json_extract(spec, '$.ai') = ?");
    params.push(filter.ai);
  }
  for (const [key, value] of Object.entries(filter.labels ?? {})) {
    where.push("EXISTS (SELECT 1 FROM json_each(spec, '$.labels') AS label WHERE label.key = ? AND label.value = ?)");
    params.push(key, value);
  }
  return { where, params };
}

function countTasks(db: SqlDatabase): Record<TaskStatus, number> {
  const counts = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>;
  for (const row of db.prepare('SELECT status, count(*) AS n FROM task GROUP BY status').all()) {
    counts[row['status'] as TaskStatus] = Number(row['n']);
  }
  return counts;
}
