import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import type { Task } from '../task.js';
import { releaseLocks } from './path-locks.js';
import { findRow, mustFindTask } from './rows.js';

/** Queues a blocked task again if no reason is left. Returns whether it did. */
export function wakeIfFree(db: SqlDatabase, id: string, now: number): boolean {
  const row = findRow(db, id);
  if (row?.['status'] !== 'blocked' || Number(row['unmet']) > 0 || row['blocked_by'] !== '[]') return false;
  if (db.prepare('SELECT 1 AS waits FROM lock_wait WHERE task = ?').get(id)) return false;
  const due = row['not_before'] === null || Number(row['not_before']) <= now;
  db.prepare("UPDATE task SET status = 'queued', ready = ?, version = version + 1, updated_at = ? WHERE id = ?").run(
    due ? 1 : 0,
    now,
    id,
  );
  return true;
}

/** Lets go of the locks of `holder` and queues what waited only for them. */
export function wakeLockWaiters(db: SqlDatabase, holder: string, now: number): Task[] {
  return releaseLocks(db, holder)
    .filter((id) => wakeIfFree(db, id, now))
    .map((id) => mustFindTask(db, id));
}

/** Counts a met need off all its dependents and queues those that needed nothing else. */
export function wakeDependents(db: SqlDatabase, need: string, now: number): Task[] {
  const woken: Task[] = [];
  for (const row of db.prepare('SELECT task FROM task_need WHERE need = ?').all(need)) {
    const id = String(row['task']);
    db.prepare('UPDATE task SET unmet = unmet - 1, version = version + 1, updated_at = ? WHERE id = ?').run(now, id);
    if (wakeIfFree(db, id, now)) woken.push(mustFindTask(db, id));
  }
  return woken;
}
