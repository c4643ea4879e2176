import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isoTime } from '@signalbox/kernel';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { AuditError } from '../errors.js';
import { syncFolder } from '../ledger/segment-sink.js';
import { KEPT } from './resume-restore.js';

/** What is to change places. */
export interface Swap {
  fresh: string;
  ready: string;
  database: string;
  time: number;
}

/** Renames the old state away and the copy into its place. Returns where the old state is; null if there was none. */
export function swap(state: string, { fresh, ready, database, time }: Swap): string | null {
  if (!existsSync(state)) {
    renameSync(fresh, state);
    syncFolder(dirname(state));
    return null;
  }
  const kept = `${state}${KEPT}${isoTime(time).replace(/[:.]/g, '-')}`;
  if (existsSync(kept)) throw inUse(kept, 'is there already');
  const release = lockOut(join(state, database));
  try {
    // By its name the next process knows that it is whole, should this one be killed between the two renames that follow.
    renameSync(fresh, ready);
    syncFolder(dirname(state));
    renameSync(state, kept);
    putInPlace(ready, state);
  } catch (error) {
    if (existsSync(kept) && !existsSync(state)) renameSync(kept, state);
    rmSync(ready, { recursive: true, force: true });
    throw error;
  } finally {
    release();
  }
  syncFolder(dirname(state));
  return kept;
}

function putInPlace(ready: string, state: string): void {
  try {
    renameSync(ready, state);
  } catch (error) {
    // Another process has just found no state, and ended the restore.
    if (existsSync(ready) || !existsSync(state)) throw error;
  }
}

/**
 * Keeps every other process out of the old database, and learns whether one is in it: SQLite leaves WAL mode only for a
 * connection that is alone. The file goes back to WAL mode when it is next opened.
 */
function lockOut(file: string): () => void {
  if (!existsSync(file)) return () => {};
  try {
    const db = openSqlite(file, { busyTimeoutMs: 0 });
    try {
      db.exec('PRAGMA journal_mode = DELETE');
      db.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      db.close();
      throw inUse(file, 'is open in another process', error);
    }
    const release = (): void => db.close();
    if (process.platform !== 'win32') return release;
    release(); // Windows renames no folder with an open file in it
    return () => {};
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    if (/^(STORE_UNREADABLE|SQLITE_NOTADB|SQLITE_CORRUPT)/.test(code)) return () => {}; // restoring is what it needs
    if (/^(STORE|SQLITE)_BUSY/.test(code)) throw inUse(file, 'is open in another process', error);
    throw error;
  }
}

function inUse(what: string, why: string, cause?: unknown): AuditError {
  return new AuditError({
    code: 'STORE_IN_USE',
    message: `${what} ${why}, so nothing was restored.`,
    hint: 'Stop the daemon and every running signalbox, then try again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
