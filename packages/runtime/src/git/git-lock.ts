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
  const db = openSqlite(file, { busyTimeoutMs: 0 });
  try {
    await acquire(db, file, clock);
    const result = await work();
    db.exec('COMMIT');
    return result;
  } finally {
    db.close();
  }
}

async function acquire(db: SqlDatabase, file: string, clock: Clock): Promise<void> {
  const start = clock.monotonic();
  for (;;) {
    try {
      db.exec('BEGIN EXCLUSIVE');
      return;
    } catch (error) {
      if (!String(error).includes('locked')) throw error;
    }
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
