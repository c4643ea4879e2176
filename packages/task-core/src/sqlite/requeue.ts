import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { TaskError } from '../errors.js';
import type { RequeueOutcome } from '../store.js';
import { findRow, mustFindTask, toTask } from './rows.js';
import { applyState, closeAttempt } from './settle.js';
import { wakeIfFree } from './wake.js';

export function requeueTask(db: SqlDatabase, id: string, now: number): RequeueOutcome {
  const row = findRow(db, id);
  if (!row) throw new TaskError({ code: 'NOT_FOUND', message: `There is no task ${id}.` });
  const task = toTask(db, row);
  switch (task.status) {
    case 'queued':
      return { changed: false, task, woken: [] };
    case 'claimed':
    case 'running': {
      const attemptFailure = { class: 'lease_lost', message: 'An operator broke the lease.' } as const;
      const next = { outcome: 'lost', attemptFailure, failure: task.failure, spent: false, notBefore: null } as const;
      const woken = applyState(db, task, { ...next, status: 'queued', blockedBy: [] }, now);
      closeAttempt(db, task, Number(row['fence']), next, {}, now);
      return { changed: true, task: mustFindTask(db, id), woken };
    }
    case 'blocked':
    case 'failed':
      return { changed: true, task: setFree(db, id, now), woken: [] };
    default:
      throw new TaskError({
        code: 'NOT_REQUEUABLE',
        message: `${id} is ${task.status} and stays so.`,
        hint: 'Create a new task for what is still to be done.',
      });
  }
}

/** Drops what a person had to settle. Unmet needs and locks in the way remain. */
function setFree(db: SqlDatabase, id: string, now: number) {
  db.prepare(
    `UPDATE task SET blocked_by = '[]', attempt = CASE status WHEN 'failed' THEN 0 ELSE attempt END, status = 'blocked',
       finished_at = NULL, version = version + 1, updated_at = ? WHERE id = ?`,
  ).run(now, id);
  wakeIfFree(db, id, now);
  return mustFindTask(db, id);
}
