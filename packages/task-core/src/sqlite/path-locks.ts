import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { globsOverlap, parseGlob } from '@signalbox/rules/glob';
import type { LockConflict } from '../store.js';
import type { PathLock } from '../task.js';

/** Every held lock that overlaps one of `wanted` while at least one of the two is exclusive. */
export function findConflicts(db: SqlDatabase, task: string, wanted: readonly PathLock[]): LockConflict[] {
  if (wanted.length === 0) return [];
  const globs = wanted.map((lock) => ({ ...lock, parsed: parseGlob(lock.glob) }));
  const conflicts: LockConflict[] = [];
  for (const held of db.prepare('SELECT task, glob, mode FROM path_lock WHERE task <> ?').all(task)) {
    const parsed = parseGlob(String(held['glob']));
    for (const want of globs) {
      if (want.mode === 'shared' && held['mode'] === 'shared') continue;
      if (globsOverlap(want.parsed, parsed)) {
        conflicts.push({ task: String(held['task']), glob: String(held['glob']), wanted: want.glob });
      }
    }
  }
  return conflicts;
}

export function takeLocks(db: SqlDatabase, task: string, locks: readonly PathLock[]): void {
  const insert = db.prepare('INSERT OR IGNORE INTO path_lock (task, glob, mode) VALUES (?, ?, ?)');
  for (const lock of locks) insert.run(task, lock.glob, lock.mode);
}

/** Keeps a task out of the ready index until one of the holders in its way lets go. */
export function parkOnLocks(db: SqlDatabase, task: string, conflicts: readonly LockConflict[], now: number): void {
  const insert = db.prepare('INSERT OR IGNORE INTO lock_wait (task, holder, glob) VALUES (?, ?, ?)');
  for (const conflict of conflicts) insert.run(task, conflict.task, conflict.glob);
  db.prepare("UPDATE task SET status = 'blocked', ready = 0, version = version + 1, updated_at = ? WHERE id = ?").run(
    now,
    task,
  );
}

/** Lets go of all locks of `task`; returns the ids of the tasks that waited for them. */
export function releaseLocks(db: SqlDatabase, task: string): string[] {
  db.prepare('DELETE FROM path_lock WHERE task = ?').run(task);
  const waiting = db.prepare('SELECT DISTINCT task FROM lock_wait WHERE holder = ?').all(task);
  const ids = waiting.map((row) => String(row['task']));
  // A woken task checks all its locks afresh when it is claimed, so what it knew of other holders goes too.
  for (const id of ids) db.prepare('DELETE FROM lock_wait WHERE task = ?').run(id);
  return ids;
}
