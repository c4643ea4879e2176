import { KernelError } from '../errors.js';
import { type SqlDatabase, type SqlDriverName, transact } from './database.js';
import { type OpenMode, openWithDriver } from './drivers.js';
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
  const mode = options.mode ?? 'read-write';
  const db = openWithDriver(file, mode, options.drivers ?? ['better-sqlite3', 'node:sqlite']);
  try {
    db.exec(`PRAGMA busy_timeout = ${options.busyTimeoutMs ?? 10_000}`);
    if (mode === 'read-write') db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    // Checkpointing every 8,000 pages instead of 1,000 keeps 0.6-3 ms pauses out of the slowest claims (docs/benchmarks.md).
    db.exec('PRAGMA wal_autocheckpoint = 8000');
    db.prepare('SELECT count(*) AS n FROM sqlite_schema').get();
    return db;
  } catch (error) {
    db.close();
    if (isBusy(error)) throw storeBusy(file, error);
    throw isSqliteError(error) ? unreadable(file, error) : error;
  }
}

/** One forward step of a package's schema. Its number is its place in the list, from 1. */
export interface Migration {
  name: string;
  sql: string;
}

/**
 * Brings the tables of `owner` up to date: runs the migrations that this file has not seen, in one transaction. Several
 * processes may call it at once; one does the work. A file that has seen more migrations than `migrations` holds was
 * written by a newer version and is refused with `STORE_NEWER`, untouched.
 */
export function migrate(db: SqlDatabase, owner: string, migrations: readonly Migration[]): void {
  if (appliedCount(db, owner) === migrations.length) return;
  transact(db, () => {
    db.exec(
      'CREATE TABLE IF NOT EXISTS migration (owner TEXT, number INTEGER, name TEXT, PRIMARY KEY (owner, number))',
    );
    const applied = appliedCount(db, owner);
    if (applied > migrations.length) throw newer(db, owner, applied, migrations.length);
    for (const [index, migration] of migrations.entries()) {
      if (index < applied) continue;
      db.exec(migration.sql);
      db.prepare('INSERT INTO migration (owner, number, name) VALUES (?, ?, ?)').run(owner, index + 1, migration.name);
    }
  });
}

function appliedCount(db: SqlDatabase, owner: string): number {
  const table = db.prepare("SELECT 1 AS found FROM sqlite_schema WHERE name = 'migration'").get();
  if (!table) return 0;
  return Number(db.prepare('SELECT coalesce(max(number), 0) AS n FROM migration WHERE owner = ?').get(owner)?.['n']);
}

function newer(db: SqlDatabase, owner: string, found: number, known: number): KernelError {
  return new KernelError({
    code: 'STORE_NEWER',
    message: `${db.file} was written by a newer version (${owner} schema ${found}, this version knows ${known}).`,
    hint: 'Install the version that wrote it; nothing was changed.',
  });
}
