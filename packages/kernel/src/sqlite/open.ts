import type { SqlDatabase, SqlDriverName } from './database.js';
import { type OpenMode, openWithDriver } from './drivers.js';
import { enterWal } from './enter-wal.js';
import { isBusy, isSqliteError, storeBusy, unreadable } from './sqlite-errors.js';

export interface OpenSqliteOptions {
  mode?: OpenMode;
  /** How long a statement waits for another process's write, in milliseconds. Default 10,000. */
  busyTimeoutMs?: number;
  /** Which drivers to try, in order. Default: better-sqlite3, then node:sqlite (Node 22.13 and later). */
  drivers?: readonly SqlDriverName[];
}

/**
 * Opens a SQLite file in WAL mode under full durability: what was committed survives a power cut.
 *
 * better-sqlite3 is compiled with a weaker default for WAL, so `synchronous` is always set here.
 * Throws `SQLITE_UNAVAILABLE` when no driver loads, `STORE_BUSY` when it is locked,
 * `STORE_UNREADABLE` when the file is not a usable database.
 */
export function openSqlite(file: string, options: OpenSqliteOptions = {}): SqlDatabase {
  const { mode = 'read-write', busyTimeoutMs = 10_000 } = options;
  const db = openWithDriver(file, mode, options.drivers ?? ['better-sqlite3', 'node:sqlite']);
  try {
    db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    if (mode === 'read-write') enterWal(db, busyTimeoutMs);
    db.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    // Checkpointing every 8,000 pages instead of 1,000 keeps 0.6-3 ms pauses out of the slowest claims (docs/benchmarks.md).
    db.exec('PRAGMA wal_autocheckpoint = 8000');
    // SQLite's own default; better-sqlite3 lets it grow to 16,000 KiB, which is memory that a long-lived process fills in 1,500 attempts
    // and that claims in front of 1,000,000 tasks are no faster for (docs/benchmarks.md).
    db.exec('PRAGMA cache_size = -2000');
    db.prepare('SELECT count(*) AS n FROM sqlite_schema').get();
    return db;
  } catch (error) {
    db.close();
    if (isBusy(error)) throw storeBusy(file, error);
    throw isSqliteError(error) ? unreadable(file, error) : error;
  }
}
