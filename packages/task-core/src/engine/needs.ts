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
  const below = collect(need, (id) => tables.needsOf(id).map(({ need: other, place }) => ({ id: other, place })), {
    isBetween: (place) => place >= task.place,
    forbidden: task.id,
  });
  const above = collect(task, (id) => tables.neededBy(id).map(({ task: other, place }) => ({ id: other, place })), {
    isBetween: (place) => place <= need.place,
    forbidden: null,
  });
  const order = [...below.sort(byPlace), ...above.sort(byPlace)];
  const places = order.map(({ place }) => place).sort((a, b) => a - b);
  order.forEach(({ id }, index) => {
    const record = id === task.id ? task : (tables.findTask(id) as TaskRecord);
    record.place = places[index] as number;
    tables.saveSpec(record);
  });
}

interface Placed {
  id: string;
  place: number;
}

const byPlace = (a: Placed, b: Placed): number => a.place - b.place;

/** What is reached from `start` along `next` without leaving the places between the two ends. Meeting `forbidden` is a cycle. */
function collect(
  start: Placed,
  next: (id: string) => Placed[],
  { isBetween, forbidden }: { isBetween: (place: number) => boolean; forbidden: string | null },
): Placed[] {
  const found = new Map<string, Placed>([[start.id, { id: start.id, place: start.place }]]);
  const cameFrom = new Map<string, string>();
  for (const [id] of found) {
    for (const other of next(id)) {
      if (other.id === forbidden) throw cycleError([other.id, ...pathBack(cameFrom, id).reverse(), other.id]);
      if (found.has(other.id) || !isBetween(other.place)) continue;
      found.set(other.id, other);
      cameFrom.set(other.id, id);
    }
  }
  return [...found.values()];
}

function pathBack(cameFrom: ReadonlyMap<string, string>, from: string): string[] {
  const path = [from];
  for (let at = cameFrom.get(from); at !== undefined; at = cameFrom.get(at)) path.push(at);
  return path;
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
