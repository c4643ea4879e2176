import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import type { Task } from '../task.js';
import { mustFindTask, toTask } from './rows.js';
import { afterFailure, applyState, closeAttempt } from './settle.js';

/** Ends every lease past its time. A task that had not started goes back as if never claimed. */
export function reapExpired(db: SqlDatabase, now: number): Task[] {
  const rows = db.prepare('SELECT * FROM task WHERE lease_expires <= ? ORDER BY lease_expires').all(now);
  return rows.map((row) => {
    const task = toTask(db, row);
    const failure = { class: 'lease_lost', message: `The lease of ${task.lease?.holder} ran out.` } as const;
    const next =
      task.status === 'running'
        ? afterFailure(task, failure, now)
        : { ...afterFailure(task, failure, now), failure: task.failure };
    applyState(db, task, next, now);
    closeAttempt(db, task, Number(row['fence']), { outcome: 'lost', attemptFailure: failure }, {}, now);
    return mustFindTask(db, task.id);
  });
}
