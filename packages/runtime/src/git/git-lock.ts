import { type Clock, sleep } from '@signalbox/kernel';
import { openSqlite, type SqlDatabase } from '@signalbox/kernel/sqlite';
import { RuntimeError } from '../errors.js';

const RETRY_MS = 25;
const GIVE_UP_MS = 120_000;

/**
 * Runs `work` while no other process of this project does: parallel `git worktree add` races for files that all worktrees
 * share. The lock is an open transaction on a file of its own, so the system lets go of it when its holder dies.
 */
export async function withGitLock<T>(file: string, clock: Clock, work: () => Promise<T>): Promise<T> {
  const db = await acquire(file, clock);
  try {
    const result = await work();
    db.exec('COMMIT');
    return result;
  } finally {
    db.close();
  }
}

async function acquire(file: string, clock: Clock): Promise<SqlDatabase> {
  const start = clock.monotonic();
  for (;;) {
    const db = tryLock(file);
    if (db) return db;
    if (clock.monotonic() - start > GIVE_UP_MS) {
      throw new RuntimeError({
        code: 'LOCK_TIMEOUT',
        message: `Another process has held ${file} for more than two minutes.`,
        hint: 'Look for a signalbox process that hangs, and end it.',
      });
    }
    await sleep(clock, RETRY_MS);
  }
}

/** Opening can be refused too: the last of several to close the file has it for itself while it takes the WAL away. */
function tryLock(file: string): SqlDatabase | undefined {
  let db: SqlDatabase | undefined;
  try {
    db = openSqlite(file, { busyTimeoutMs: 0 });
    db.exec('BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db?.close();
    const isHeld = (error as { code?: unknown }).code === 'STORE_BUSY' || String(error).includes('locked');
    if (isHeld) return undefined;
    throw error;
  }
}
