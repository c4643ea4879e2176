import type { Clock, Ids, Journal, Recorder } from '@signalbox/kernel';
import { migrate, type SqlDatabase, transact } from '@signalbox/kernel/sqlite';
import type { TaskStore } from '../store.js';
import { claimTask, promoteDelayed } from './claim.js';
import { createTask } from './create.js';
import { renewLease, startTask, writeLandingIntent } from './lease.js';
import { migrations } from './migrations.js';
import { countTasks, listHeld, listTasks, resolvePrefix } from './query.js';
import { reapExpired } from './reap.js';
import { requeueTask } from './requeue.js';
import { findRow, toAttempt, toTask } from './rows.js';
import { settleTask } from './settle.js';

export interface SqliteTaskStoreEnv {
  clock: Clock;
  ids: Ids;
  /** Where what the operations record goes, in the same transaction. */
  journal: Journal;
}

/** Opens the queue in `db`, bringing its tables up to date. */
export function openSqliteTaskStore(db: SqlDatabase, env: SqliteTaskStoreEnv): TaskStore {
  migrate(db, 'task-core', migrations);
  const { clock, ids, journal } = env;

  /** One transaction: the change, and what is recorded of it. */
  const change = async <T>(record: Recorder<T>, work: (now: number) => T): Promise<T> =>
    transact(db, () => {
      const outcome = work(clock.now());
      journal.append(record(outcome), db);
      return outcome;
    });

  return {
    create: (spec, createdBy, record) =>
      change(
        (outcome) => (outcome.created ? record(outcome) : []),
        (now) => createTask(db, spec, { id: ids('tsk'), now, createdBy }),
      ),
    get: async (id) => {
      const row = findRow(db, id);
      return row ? toTask(db, row) : null;
    },
    resolve: async (prefix) => resolvePrefix(db, prefix),
    list: async (filter) => {
      if (filter?.ready) transact(db, () => promoteDelayed(db, clock.now()));
      return listTasks(db, filter);
    },
    counts: async () => countTasks(db),
    claim: (request, record) => change(record, (now) => claimTask(db, request, now)),
    start: (ref, attempt, record) => change(record, (now) => startTask(db, ref, attempt, now)),
    heartbeat: (ref, record, ttlMs) =>
      change(
        (outcome) => (outcome.status === 'lease_lost' ? record(outcome) : []),
        (now) => renewLease(db, ref, now, ttlMs),
      ),
    intendLanding: (ref, intent, record) => change(record, () => writeLandingIntent(db, ref, intent)),
    settle: (ref, settlement, data, record) => change(record, (now) => settleTask(db, ref, settlement, data, now)),
    requeue: (id, record) =>
      change(
        (outcome) => (outcome.changed ? record(outcome) : []),
        (now) => requeueTask(db, id, now),
      ),
    reap: async (record) => {
      const due = db.prepare('SELECT 1 AS due FROM task WHERE lease_expires <= ? LIMIT 1').get(clock.now());
      return due ? change(record, (now) => reapExpired(db, now)) : [];
    },
    held: async () => listHeld(db),
    attempts: async (task) =>
      db.prepare('SELECT * FROM attempt WHERE task = ? ORDER BY fence').all(task).map(toAttempt),
  };
}
