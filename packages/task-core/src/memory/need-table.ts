import type { FanOut, Tables } from '../engine/tables.js';
import type { ChangeLog } from './change-log.js';
import { compareText, createGroupIndex, createOrderIndex, take } from './indexes.js';
import { createRows } from './rows.js';
import type { TaskRow, TaskRows } from './task-table.js';

type NeedTable = Pick<
  Tables,
  'needsOf' | 'neededBy' | 'addNeed' | 'removeNeed' | 'dependents' | 'fanOuts' | 'saveFanOut' | 'endFanOut'
>;

interface NeedRow {
  task: string;
  need: string;
  met: boolean;
}

export type NeedRows = ReturnType<typeof createNeedRows>;

export function createNeedRows(log: ChangeLog) {
  const byTask = (a: NeedRow, b: NeedRow) => compareText(a.task, b.task);
  const needsOf = createGroupIndex<NeedRow>(
    (row) => row.task,
    (a, b) => compareText(a.need, b.need),
  );
  const dependentsOf = createGroupIndex<NeedRow>((row) => row.need, byTask);
  const waitingFor = createGroupIndex<NeedRow>((row) => (row.met ? null : row.need), byTask);
  const needs = createRows<NeedRow>('need', (row) => keyOf(row.task, row.need), log, [
    needsOf,
    dependentsOf,
    waitingFor,
  ]);
  const fanOutOrder = createOrderIndex<FanOut>((a, b) => compareText(a.kind, b.kind) || compareText(a.task, b.task));
  const fanOuts = createRows<FanOut>('fanOut', (row) => keyOf(row.kind, row.task), log, [fanOutOrder]);
  return { needs, fanOuts, needsOf, dependentsOf, waitingFor, fanOutOrder };
}

// No id has a line break in it.
const keyOf = (one: string, other: string): string => `${one}\n${other}`;

export function createNeedTable(rows: NeedRows & Pick<TaskRows, 'tasks'>): NeedTable {
  const { tasks, needs, fanOuts, needsOf, dependentsOf, waitingFor, fanOutOrder } = rows;
  return {
    needsOf: (task) =>
      [...(needsOf.groups.get(task)?.from() ?? [])]
        .map(({ need, met }) => ({ row: tasks.get(need) as TaskRow, met }))
        .sort((a, b) => a.row.seq - b.row.seq)
        .map(({ row, met }) => ({ need: row.id, status: row.status, met, place: row.place })),
    neededBy: (need) =>
      [...(dependentsOf.groups.get(need)?.from() ?? [])].map(({ task }) => ({
        task,
        place: (tasks.get(task) as TaskRow).place,
      })),
    addNeed: (task, need, met) => needs.set({ task, need, met }),
    removeNeed: (task, need) => needs.remove(keyOf(task, need)),
    dependents: (need, after, limit) =>
      take(waitingFor.groups.get(need)?.from((row) => row.task <= after) ?? [], limit).map((row) => row.task),
    fanOuts: (limit) => take(fanOutOrder.rows.from(), limit).map((row) => ({ ...row })),
    saveFanOut: ({ kind, task, after }) => fanOuts.set({ kind, task, after }),
    endFanOut: ({ kind, task }) => fanOuts.remove(keyOf(kind, task)),
  };
}
