import { TaskError } from '../errors.js';
import type { TaskFilter, TaskPage } from '../store.js';

/** `rank` is the order in which ready tasks are claimed; those `behind` another that is to come first follow them. */
export type Order = NonNullable<TaskFilter['sort']> | 'rank' | 'behind';

/** Where a task stands in an order: by what decides first, then by `seq`. */
export interface Place {
  key: number;
  seq: number;
}

/** Names the last task of a page by where it stands, not by how many came before: those that leave meanwhile shift nothing. */
export function writeCursor({ key, seq }: Place, order: Order): string {
  return `${order}:${key}:${seq}`;
}

/** Throws `INVALID_CURSOR` for what no page of this order ended with. */
export function readCursor(cursor: string, order: Order): Place {
  const [, of, key, seq] = /^([a-z]+):(-?\d{1,16}):(\d{1,15})$/.exec(cursor) ?? [];
  if (of === order) return { key: Number(key), seq: Number(seq) };
  throw new TaskError({
    code: 'INVALID_CURSOR',
    message: `"${cursor.slice(0, 80)}" is not where a page sorted by ${order} ended.`,
    hint: 'Give the `next` of the page before, with the same sort.',
  });
}

/** One page of `filter`, put together from what a store reads in one order. Ready ones come before those behind them. */
export function listTasks(
  filter: TaskFilter,
  page: (order: Order, limit: number, cursor?: string) => TaskPage,
): TaskPage {
  const limit = Math.min(Math.max(filter.limit ?? 50, 1), 1_000);
  if (!filter.ready) return page(filter.sort ?? 'priority', limit, filter.cursor);
  if (filter.cursor?.startsWith('behind:')) return page('behind', limit, filter.cursor);
  const ready = page('rank', limit, filter.cursor);
  if (ready.next !== null) return ready;
  const left = limit - ready.tasks.length;
  if (left === 0) {
    const more = page('behind', 1).tasks.length > 0;
    return { ...ready, next: more ? writeCursor({ key: Number.MIN_SAFE_INTEGER, seq: 0 }, 'behind') : null };
  }
  const behind = page('behind', left);
  return { tasks: [...ready.tasks, ...behind.tasks], next: behind.next };
}
