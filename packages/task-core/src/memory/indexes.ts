import type { RowIndex } from './rows.js';
import { createSortedSet, type SortedSet } from './sorted-set.js';

/** The rows that `holds` picks, in the order of `compare`. */
export function createOrderIndex<Row>(
  compare: (a: Row, b: Row) => number,
  holds: (row: Row) => boolean = () => true,
): RowIndex<Row> & { rows: SortedSet<Row> } {
  const rows = createSortedSet(compare);
  return {
    rows,
    add(row) {
      if (holds(row)) rows.add(row);
    },
    remove(row) {
      if (holds(row)) rows.remove(row);
    },
  };
}

/** The rows that have `groupOf` in common, in the order of `compare`. */
export function createGroupIndex<Row>(
  groupOf: (row: Row) => string | null,
  compare: (a: Row, b: Row) => number,
): RowIndex<Row> & { groups: ReadonlyMap<string, SortedSet<Row>> } {
  const groups = new Map<string, SortedSet<Row>>();
  return {
    groups,
    add(row) {
      const group = groupOf(row);
      if (group === null) return;
      const known = groups.get(group) ?? createSortedSet(compare);
      known.add(row);
      groups.set(group, known);
    },
    remove(row) {
      const group = groupOf(row);
      const known = group === null ? undefined : groups.get(group);
      known?.remove(row);
      if (known?.size === 0) groups.delete(group as string);
    },
  };
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The first `limit` of them. */
export function take<T>(values: Iterable<T>, limit: number): T[] {
  const taken: T[] = [];
  for (const value of values) {
    if (taken.length >= limit) break;
    taken.push(value);
  }
  return taken;
}
