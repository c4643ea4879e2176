import type { SqlDatabase, SqlRow, SqlValue } from '@signalbox/kernel/sqlite';
import type { NewTaskRecord, TaskRecord } from '../engine/record.js';
import type { Tables } from '../engine/tables.js';
import { json, toRecord } from './rows.js';

type TaskTable = Pick<
  Tables,
  | 'insertTask'
  | 'findTask'
  | 'findByKey'
  | 'saveTask'
  | 'saveSpec'
  | 'firstReady'
  | 'dueTasks'
  | 'expiredTasks'
  | 'renewLease'
>;

const COLUMNS = [
  ...['status', 'ready', 'wake_at', 'not_before', 'attempt', 'unmet', 'blocks', 'failure', 'version', 'updated_at'],
  ...['started_at', 'finished_at', 'cancel_at', 'fence', 'lease_digest', 'lease_holder', 'lease_ttl'],
  ...['lease_expires', 'lease_heartbeat', 'executor'],
];
const SAVE = `UPDATE task SET ${COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE seq = ?`;
const FIXED = ['id', 'spec', 'priority', 'rank', 'idempotency_key', 'spec_digest', 'created_by', 'created_at'];
const INSERT = `INSERT INTO task (${[...FIXED, ...COLUMNS].join(', ')}) VALUES (${[...FIXED, ...COLUMNS].map(() => '?').join(', ')})`;

export function createTaskTable(db: SqlDatabase): TaskTable {
  const record = (row: SqlRow | undefined) => (row ? toRecord(row) : undefined);
  return {
    insertTask(draft) {
      const { spec } = draft;
      const fixed = [draft.id, JSON.stringify(spec), spec.priority, draft.rank, spec.idempotencyKey, draft.specDigest];
      const inserted = db.prepare(INSERT).run(...fixed, draft.createdBy, draft.createdAt, ...valuesOf(draft));
      const seq = Number(inserted.lastInsertRowid);
      return { ...draft, seq, place: seq };
    },
    findTask: (id) => record(db.prepare('SELECT * FROM task WHERE id = ?').get(id)),
    findByKey: (key) => record(db.prepare('SELECT * FROM task WHERE idempotency_key = ?').get(key)),
    saveTask: (task) => void db.prepare(SAVE).run(...valuesOf(task), task.seq),
    saveSpec: ({ spec, rank, place, seq }) =>
      void db
        .prepare('UPDATE task SET spec = ?, priority = ?, rank = ?, place = ? WHERE seq = ?')
        .run(JSON.stringify(spec), spec.priority, rank, place === seq ? null : place, seq),
    firstReady: () => record(db.prepare('SELECT * FROM task WHERE ready = 1 ORDER BY rank, seq LIMIT 1').get()),
    dueTasks: (now, limit) =>
      db.prepare('SELECT * FROM task WHERE wake_at <= ? ORDER BY wake_at LIMIT ?').all(now, limit).map(toRecord),
    expiredTasks: (now, limit) =>
      db
        .prepare('SELECT * FROM task WHERE lease_expires <= ? ORDER BY lease_expires LIMIT ?')
        .all(now, limit)
        .map(toRecord),
    renewLease: (task, digest, now, ttlMs) =>
      Number(
        db
          .prepare(
            `UPDATE task SET lease_ttl = coalesce(?, lease_ttl), lease_expires = ? + coalesce(?, lease_ttl),
               lease_heartbeat = ? WHERE id = ? AND lease_digest = ?`,
          )
          .run(ttlMs, now, ttlMs, now, task, digest).changes,
      ) > 0,
  };
}

function valuesOf(task: NewTaskRecord | TaskRecord): SqlValue[] {
  const { lease } = task;
  return [
    ...[task.status, task.ready ? 1 : 0, task.wakeAt, task.notBefore, task.attempt, task.unmet],
    ...[task.blocks.length === 0 ? null : json(task.blocks), json(task.failure), task.version, task.updatedAt],
    ...[task.startedAt, task.finishedAt, task.cancelAt, task.fence, lease?.digest ?? null, lease?.holder ?? null],
    ...[lease?.ttlMs ?? null, lease?.expiresAt ?? null, lease?.heartbeatAt ?? null, json(lease?.executor ?? null)],
  ];
}
