import type { ChangeLog, LoggedRows } from './change-log.js';

/** Rows of one kind. A row is never changed, only replaced: whoever has one can keep it. */
export interface Rows<Row> extends LoggedRows {
  get(key: string): Row | undefined;
  set(row: Row): void;
  remove(key: string): void;
  restore(key: string, row: Row | undefined): void;
  /** Puts a row that was written down before where it was, without logging that. */
  load(row: Row): void;
  all(): Iterable<Row>;
  readonly size: number;
}

/** Something that is derived from the rows: it is told of each one that comes or goes. */
export interface RowIndex<Row> {
  add(row: Row): void;
  remove(row: Row): void;
}

export function createRows<Row>(
  name: string,
  keyOf: (row: Row) => string,
  log: ChangeLog,
  indexes: readonly RowIndex<Row>[] = [],
): Rows<Row> {
  const byKey = new Map<string, Row>();

  const restore = (key: string, row: Row | undefined): void => {
    const before = byKey.get(key);
    if (before !== undefined) for (const index of indexes) index.remove(before);
    if (row === undefined) byKey.delete(key);
    else {
      byKey.set(key, row);
      for (const index of indexes) index.add(row);
    }
  };
  const change = (key: string, row: Row | undefined): void => {
    log.note({ rows: rows as LoggedRows, key, before: byKey.get(key) });
    restore(key, row);
  };

  const rows: Rows<Row> = {
    name,
    get: (key) => byKey.get(key),
    set: (row) => change(keyOf(row), row),
    remove(key) {
      if (byKey.has(key)) change(key, undefined);
    },
    restore,
    load: (row) => restore(keyOf(row), row),
    all: () => byKey.values(),
    get size() {
      return byKey.size;
    },
  };
  return rows;
}
