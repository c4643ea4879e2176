import type { SqlDatabase } from './database.js';
import { isBusy } from './sqlite-errors.js';

const RETRY_MS = 5;

/**
 * Puts a file into WAL mode, waiting at most `timeoutMs` for others. SQLite's own busy timeout does not cover this change: of
 * two processes that open a new file at once, one is refused in the moment in which the other writes its first page.
 */
export function enterWal(db: SqlDatabase, timeoutMs: number, wait: (ms: number) => void = block): void {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error;
    }
    wait(RETRY_MS);
  }
}

/** Opening is synchronous, as all of SQLite is here, and waits as SQLite itself does. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
