import { isBusy, storeBusy } from './sqlite-errors.js';

export type SqlValue = string | number | bigint | null | Uint8Array;
export type SqlRow = Record<string, SqlValue>;
export type SqlDriverName = 'better-sqlite3' | 'node:sqlite';

export interface SqlStatement {
  run(...params: SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  get(...params: SqlValue[]): SqlRow | undefined;
  all(...params: SqlValue[]): SqlRow[];
  iterate(...params: SqlValue[]): IterableIterator<SqlRow>;
}

/** What Signalbox uses of a SQLite connection, the same over both drivers. Synchronous throughout. */
export interface SqlDatabase {
  readonly driver: SqlDriverName;
  readonly file: string;
  exec(sql: string): void;
  /** Prepares `sql`, or returns the statement prepared for the same text before. */
  prepare(sql: string): SqlStatement;
  close(): void;
}

/**
 * Runs `work` in one `BEGIN IMMEDIATE` transaction and commits, or rolls back if it throws. `work` must be synchronous: an
 * `await` inside would let other statements slip into the transaction, so a returned promise is refused. Throws `STORE_BUSY`
 * when another process has been writing for longer than the busy timeout.
 */
export function transact<T>(db: SqlDatabase, work: () => T): T {
  begin(db);
  try {
    const result = work();
    if (result instanceof Promise) throw new TypeError('A transaction must be synchronous.');
    db.prepare('COMMIT').run();
    return result;
  } catch (error) {
    rollback(db);
    throw error;
  }
}

function begin(db: SqlDatabase): void {
  try {
    db.prepare('BEGIN IMMEDIATE').run();
  } catch (error) {
    throw isBusy(error) ? storeBusy(db.file, error) : error;
  }
}

function rollback(db: SqlDatabase): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // SQLite has already rolled back by itself after errors such as SQLITE_FULL; the first error is the one to report.
  }
}
