import { TaskError } from '../errors.js';
import type { TaskSpec, TaskStatus } from '../task.js';
import type { TaskRecord } from './record.js';
import type { Tables } from './tables.js';

/** Whether a need in this state no longer holds its dependent up. */
export function isMet(status: TaskStatus, onNeedFailure: TaskSpec['onNeedFailure']): boolean {
  return status === 'done' || (onNeedFailure === 'ignore' && (status === 'failed' || status === 'cancelled'));
}

/** The records of the needs. Throws `UNKNOWN_NEED` for one that does not exist and `DEPENDENCY_CYCLE` for the task itself. */
export function findNeeds(tables: Tables, task: string, needs: readonly string[]): TaskRecord[] {
  return needs.map((need) => {
    if (need === task) throw cycleError([task, task]);
    const record = tables.findTask(need);
    if (record) return record;
    throw new TaskError({
      code: 'UNKNOWN_NEED',
      message: `The task needs ${need.slice(0, 80)}, which does not exist.`,
      hint: 'Create that task first, or take its id from `signalbox task list`.',
      details: { need },
    });
  });
}

/**
 * Throws `DEPENDENCY_CYCLE` if `need` needs `task` already, at first or second hand.
 *
 * Every task has a place that is higher than those of all it needs. A new task gets the highest, so what is written in order
 * needs no search at all; otherwise only tasks with a place between the two can lie on a cycle, and when there is none they
 * change places (Pearce and Kelly, "A dynamic topological sort algorithm for directed acyclic graphs", 2007).
 */
export function placeAbove(tables: Tables, task: TaskRecord, need: TaskRecord): void {
  if (need.place < task.place) return;
  const below = collect(tables, need, task.place, (id) => tables.needsOf(id).map((each) => each.need), task.id);
  const above = collect(tables, task, need.place, (id) => allDependents(tables, id), null);
  const places = [...below, ...above].map((record) => record.place).sort((a, b) => a - b);
  const order = [...below.sort(byPlace), ...above.sort(byPlace)];
  order.forEach((record, index) => {
    record.place = places[index] as number;
    tables.saveSpec(record);
    if (record.id === task.id) task.place = record.place;
  });
}

const byPlace = (a: TaskRecord, b: TaskRecord): number => a.place - b.place;

/** What is reached from `start` along `next` without leaving the places between the two ends. Meeting `forbidden` is a cycle. */
function collect(
  tables: Tables,
  start: TaskRecord,
  bound: number,
  next: (id: string) => string[],
  forbidden: string | null,
): TaskRecord[] {
  const found = new Map<string, TaskRecord>([[start.id, start]]);
  const cameFrom = new Map<string, string>();
  const isDown = start.place > bound;
  for (const [id] of found) {
    for (const other of next(id)) {
      if (other === forbidden) throw cycleError([other, ...pathBack(cameFrom, id).reverse(), other]);
      if (found.has(other)) continue;
      const record = tables.findTask(other);
      if (!record || (isDown ? record.place < bound : record.place > bound)) continue;
      found.set(other, record);
      cameFrom.set(other, id);
    }
  }
  return [...found.values()];
}

function pathBack(cameFrom: ReadonlyMap<string, string>, from: string): string[] {
  const path = [from];
  for (let at = cameFrom.get(from); at !== undefined; at = cameFrom.get(at)) path.push(at);
  return path;
}

function allDependents(tables: Tables, need: string): string[] {
  const page = 1_000;
  const ids: string[] = [];
  for (;;) {
    const more = tables.dependents(need, ids.at(-1) ?? '', page);
    ids.push(...more);
    if (more.length < page) return ids;
  }
}

/** `cycle` begins and ends with the same task; each one needs the next. */
export function cycleError(cycle: readonly string[]): TaskError {
  return new TaskError({
    code: 'DEPENDENCY_CYCLE',
    message: `The tasks would wait for each other for ever: ${shortened(cycle).join(' needs ')}.`,
    hint: 'Leave one of these needs out.',
    details: { cycle: [...cycle] },
  });
}

function shortened(cycle: readonly string[]): string[] {
  return cycle.length <= 12 ? [...cycle] : [...cycle.slice(0, 6), `… ${cycle.length - 11} more …`, ...cycle.slice(-5)];
}
