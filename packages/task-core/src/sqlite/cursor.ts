import type { SqlRow, SqlValue } from '@signalbox/kernel/sqlite';
import { type Order, readCursor, writeCursor } from '../engine/paging.js';

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

export function orderBy(order: Order): string {
  return ORDERS[order].by;
}

export function cursorAt(row: SqlRow, order: Order): string {
  return writeCursor({ key: Number(row[ORDERS[order].key]), seq: Number(row['seq']) }, order);
}

/** The condition for what follows `cursor`. Throws `INVALID_CURSOR`. */
export function afterCursor(cursor: string, order: Order): { where: string; params: SqlValue[] } {
  const { key, seq } = readCursor(cursor, order);
  return { where: ORDERS[order].after, params: [key, key, seq] };
}
