import { listTasks, type Order, readCursor, writeCursor } from '../engine/paging.js';
import type { Reads } from '../engine/ports.js';
import type { Tables } from '../engine/tables.js';
import { toTask } from '../engine/view.js';
import type { TaskFilter, TaskPage } from '../store.js';
import type { Attempt, Task } from '../task.js';
import { endOf } from './attempt-table.js';
import { copyJson } from './copy-json.js';
import { take } from './indexes.js';
import type { AllRows } from './memory-tables.js';
import { type TaskRow, toRecord } from './task-table.js';

export function createReads(rows: AllRows, tables: Tables): Reads {
  const { tasks, orders, byEnd, dependentsOf, ofTask, ofAI, ends, counts } = rows;
  const view = (row: TaskRow): Task => toTask(tables, toRecord(rows, row));
  return {
    get(id) {
      const row = tasks.get(id);
      return row ? view(row) : null;
    },
    idsWithPrefix: (prefix) =>
      take(
        orders.id.rows.from((row) => row.id < prefix),
        2,
      )
        .map((row) => row.id)
        .filter((id) => id.startsWith(prefix)),
    list: (filter) => listTasks(filter, (...page) => readPage(rows, view, filter, ...page)),
    counts: () => ({ ...counts }),
    dependents: (id) => [...(dependentsOf.groups.get(id)?.from() ?? [])].map((row) => row.task),
    held: () =>
      [...byEnd.rows.from()]
        .sort((a, b) => a.seq - b.seq)
        .map(({ task, lease }) => ({ row: tasks.get(task) as TaskRow, executor: copyJson(lease.executor) }))
        .map(({ row, executor }) => ({
          ...{ task: view(row), attempt: tables.attemptAt(row.id, row.fence) ?? null, executor },
        })),
    attempts: (task) => [...(ofTask.groups.get(task)?.from() ?? [])].map(copyJson),
    endedAttempts(from, to, limit, after) {
      const isBefore = ({ finishedAt, id }: Attempt): boolean => {
        const time = endOf(finishedAt);
        if (time < from) return true;
        return after !== null && (time < after.time || (time === after.time && id <= after.id));
      };
      const found = take(ends.rows.from(isBefore), limit);
      return found.filter(({ finishedAt }) => endOf(finishedAt) < to).map(copyJson);
    },
    attemptsOf: (ai, limit) => take(ofAI.groups.get(ai)?.from() ?? [], limit).map(copyJson),
  };
}

function readPage(
  rows: AllRows,
  view: (row: TaskRow) => Task,
  filter: TaskFilter,
  ...[order, limit, cursor]: [Order, number, string?]
): TaskPage {
  const found: TaskRow[] = [];
  for (const row of sourceOf(rows, order, cursor)) {
    if (isMatch(rows, row, filter)) found.push(row);
    if (found.length > limit) break;
  }
  const last = found.length > limit ? found[limit - 1] : undefined;
  const next = last ? writeCursor({ key: keyOf(last, order), seq: last.seq }, order) : null;
  return { tasks: found.slice(0, limit).map(view), next };
}

const UPWARD: readonly Order[] = ['created', 'rank', 'behind'];

/** What decides before `seq` does. */
function keyOf(row: TaskRow, order: Order): number {
  if (order === 'priority') return row.priority;
  if (order === 'created') return row.seq;
  return order === 'updated' ? row.updatedAt : row.rank;
}

function sourceOf(rows: AllRows, order: Order, cursor: string | undefined): Iterable<TaskRow> {
  const at = cursor === undefined ? null : readCursor(cursor, order);
  const isUpTo = (row: TaskRow): boolean => {
    if (!at) return false;
    const key = keyOf(row, order);
    if (key !== at.key) return UPWARD.includes(order) ? key < at.key : key > at.key;
    return order === 'updated' ? row.seq >= at.seq : row.seq <= at.seq;
  };
  if (order === 'rank') return rows.orders.ready.rows.from(isUpTo);
  if (order === 'behind') return behind(rows).filter((row) => !isUpTo(row));
  return rows.orders[order].rows.from(isUpTo);
}

/** Blocked tasks that wait only for tasks that hold no lock: those were merely to come first. */
function behind({ tasks, waitsOf, waitersOf, locksOf }: AllRows): TaskRow[] {
  const isIdle = (holder: string): boolean => !locksOf.groups.has(holder);
  const found = new Set<TaskRow>();
  for (const [holder, waiters] of waitersOf.groups) {
    if (!isIdle(holder)) continue;
    for (const { task } of waiters.from()) {
      const row = tasks.get(task);
      if (row?.status !== 'blocked' || row.unmet > 0 || row.blocks.length > 0) continue;
      if ([...(waitsOf.groups.get(task)?.from() ?? [])].every((wait) => isIdle(wait.holder))) found.add(row);
    }
  }
  return [...found].sort((a, b) => a.rank - b.rank || a.seq - b.seq);
}

function isMatch({ specs }: AllRows, row: TaskRow, { status, ai, labels = {} }: TaskFilter): boolean {
  if (status?.length && !status.includes(row.status)) return false;
  const spec = specs.get(row.id)?.spec;
  if (ai !== undefined && spec?.ai !== ai) return false;
  return Object.entries(labels).every(
    ([key, value]) => spec && Object.hasOwn(spec.labels, key) && spec.labels[key] === value,
  );
}
