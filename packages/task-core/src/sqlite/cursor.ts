import type { SqlRow, SqlValue } from '@signalbox/kernel/sqlite';
import { TaskError } from '../errors.js';
import type { TaskFilter } from '../store.js';

/** `rank` is the order in which ready tasks are claimed; those `behind` another that is to come first follow them. */
export type Order = NonNullable<TaskFilter['sort']> | 'rank' | 'behind';

interface OrderBy {
  by: string;
  /** The column that decides before `seq` does. */
  key: 'priority' | 'seq' | 'updated_at' | 'rank';
  /** Holds for the rows after the one with this key (given twice) and `seq`. */
  after: string;
}

const BY_RANK: OrderBy = { by: 'rank ASC, seq ASC', key: 'rank', after: '(rank > ? OR (rank = ? AND seq > ?))' };

const ORDERS: Record<Order, OrderBy> = {
  rank: BY_RANK,
  behind: BY_RANK,
  priority: { by: 'priority DESC, seq ASC', key: 'priority', after: '(priority < ? OR (priority = ? AND seq > ?))' },
  created: { by: 'seq ASC', key: 'seq', after: '(seq > ? OR (seq = ? AND seq > ?))' },
  updated: {
    by: 'updated_at DESC, seq DESC',
    key: 'updated_at',
    after: '(updated_at < ? OR (updated_at = ? AND seq < ?))',
  },
};

export function orderBy(sort: Order): string {
  return ORDERS[sort].by;
}

/** Names the last row of a page by where it stands, not by how many came before: rows that leave meanwhile shift nothing. */
export function writeCursor(row: SqlRow, sort: Order): string {
  return `${sort}:${row[ORDERS[sort].key]}:${row['seq']}`;
}

export function readCursor(cursor: string, sort: Order): { where: string; params: SqlValue[] } {
  const [, of, key, seq] = /^([a-z]+):(-?\d{1,16}):(\d{1,15})$/.exec(cursor) ?? [];
  if (of !== sort) {
    throw new TaskError({
      code: 'INVALID_CURSOR',
      message: `"${cursor.slice(0, 80)}" is not where a page sorted by ${sort} ended.`,
      hint: 'Give the `next` of the page before, with the same sort.',
    });
  }
  return { where: ORDERS[sort].after, params: [Number(key), Number(key), Number(seq)] };
}
