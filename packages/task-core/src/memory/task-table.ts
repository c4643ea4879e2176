import type { TaskRecord } from '../engine/record.js';
import type { Tables } from '../engine/tables.js';
import { TASK_STATUSES, type TaskSpec, type TaskStatus } from '../task.js';
import type { ChangeLog } from './change-log.js';
import { copyJson } from './copy-json.js';
import { compareText, createOrderIndex, take } from './indexes.js';
import type { LeaseRows } from './lease-table.js';
import { createRows, type RowIndex } from './rows.js';

/** A task without its spec, which is long and seldom changes, and without its lease, which changes most often. */
export type TaskRow = Omit<TaskRecord, 'spec' | 'lease'> & { priority: number };

interface SpecRow {
  id: string;
  spec: TaskSpec;
}

type TaskTable = Pick<
  Tables,
  'insertTask' | 'findTask' | 'findByKey' | 'saveTask' | 'saveSpec' | 'firstReady' | 'dueTasks' | 'due'
>;

export type TaskRows = ReturnType<typeof createTaskRows>;

/** The rows of the tasks, in every order in which somebody looks for them. */
export function createTaskRows(log: ChangeLog) {
  const bySeq = (a: TaskRow, b: TaskRow) => a.seq - b.seq;
  const orders = {
    ready: createOrderIndex<TaskRow>(
      (a, b) => a.rank - b.rank || bySeq(a, b),
      (row) => row.ready,
    ),
    wake: createOrderIndex<TaskRow>(
      (a, b) => wakeOf(a) - wakeOf(b) || bySeq(a, b),
      (row) => row.wakeAt !== null,
    ),
    id: createOrderIndex<TaskRow>((a, b) => compareText(a.id, b.id)),
    created: createOrderIndex<TaskRow>(bySeq),
    priority: createOrderIndex<TaskRow>((a, b) => b.priority - a.priority || bySeq(a, b)),
    updated: createOrderIndex<TaskRow>((a, b) => b.updatedAt - a.updatedAt || bySeq(b, a)),
  };
  const counts = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>;
  const counter: RowIndex<TaskRow> = {
    add({ status }) {
      counts[status] += 1;
    },
    remove({ status }) {
      counts[status] -= 1;
    },
  };
  const keys = new Map<string, string>();
  const byKey: RowIndex<SpecRow> = {
    add({ id, spec }) {
      if (spec.idempotencyKey !== null) keys.set(spec.idempotencyKey, id);
    },
    remove({ spec }) {
      if (spec.idempotencyKey !== null) keys.delete(spec.idempotencyKey);
    },
  };
  const tasks = createRows<TaskRow>('task', (row) => row.id, log, [...Object.values(orders), counter]);
  const specs = createRows<SpecRow>('spec', (row) => row.id, log, [byKey]);
  return { tasks, specs, orders, counts, keys };
}

const wakeOf = (row: TaskRow): number => row.wakeAt as number;

/** The record of a row, as the caller's own. */
export function toRecord({ specs, leases }: Pick<TaskRows, 'specs'> & LeaseRows, row: TaskRow): TaskRecord {
  const { priority, ...rest } = copyJson(row);
  const spec = copyJson(specs.get(row.id)?.spec as TaskSpec);
  return { ...rest, spec, lease: copyJson(leases.get(row.id)?.lease ?? null) };
}

export function createTaskTable(rows: TaskRows & LeaseRows): TaskTable {
  const { tasks, specs, orders, keys, byEnd } = rows;
  const find = (id: string | undefined): TaskRecord | undefined => {
    const row = id === undefined ? undefined : tasks.get(id);
    return row && toRecord(rows, row);
  };
  return {
    insertTask(draft) {
      const seq = tasks.size + 1;
      const { spec, lease, ...rest } = copyJson(draft);
      specs.set({ id: draft.id, spec });
      tasks.set({ ...rest, priority: spec.priority, seq, place: seq });
      return { ...draft, seq, place: seq };
    },
    findTask: find,
    findByKey: (key) => find(keys.get(key)),
    saveTask(record) {
      const { spec, lease, ...rest } = record;
      const { rank, place, priority } = tasks.get(record.id) as TaskRow;
      tasks.set({ ...copyJson(rest), rank, place, priority });
    },
    saveSpec({ id, spec, rank, place }) {
      specs.set({ id, spec: copyJson(spec) });
      tasks.set({ ...(tasks.get(id) as TaskRow), rank, place, priority: spec.priority });
    },
    firstReady: () => find(orders.ready.rows.first()?.id),
    dueTasks: (now, limit) =>
      take(orders.wake.rows.from(), limit)
        .filter((row) => wakeOf(row) <= now)
        .map((row) => toRecord(rows, row)),
    due: (now) => ({
      leases: (byEnd.rows.first()?.lease.expiresAt ?? Number.POSITIVE_INFINITY) <= now,
      wakes: (orders.wake.rows.first()?.wakeAt ?? Number.POSITIVE_INFINITY) <= now,
    }),
  };
}
