/** A kind of row, for taking a change back and for writing it down. */
export interface LoggedRows {
  readonly name: string;
  get(key: string): unknown;
  /** Puts the row back as it was, without logging that. */
  restore(key: string, row: unknown): void;
}

export interface RowChange {
  rows: LoggedRows;
  key: string;
  /** The row before; undefined if there was none. */
  before: unknown;
}

/** What has changed since the last commit, the oldest first. */
export interface ChangeLog {
  note(change: RowChange): void;
  /** Names this moment, for `since` and `rollback`. */
  mark(): number;
  since(mark: number): readonly RowChange[];
  /** Takes back what has changed since. */
  rollback(mark: number): void;
  /** Forgets everything: it is committed. */
  clear(): void;
}

export function createChangeLog(): ChangeLog {
  let changes: RowChange[] = [];
  return {
    note: (change) => void changes.push(change),
    mark: () => changes.length,
    since: (mark) => changes.slice(mark),
    rollback(mark) {
      for (const { rows, key, before } of changes.splice(mark).reverse()) rows.restore(key, before);
    },
    clear() {
      changes = [];
    },
  };
}
