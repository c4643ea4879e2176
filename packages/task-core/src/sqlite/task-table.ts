import type { SqlDatabase, SqlRow, SqlValue } from '@signalbox/kernel/sqlite';
import type { NewTaskRecord, TaskRecord } from '../engine/record.js';
import type { Tables } from '../engine/tables.js';
import { toHeldRecord } from './lease-table.js';
import { json, toRecord } from './rows.js';
import { writeSpec } from './spec-text.js';

type TaskTable = Pick<
  Tables,
  'insertTask' | 'findTask' | 'findByKey' | 'saveTask' | 'saveSpec' | 'firstReady' | 'dueTasks' | 'due'
>;

const COLUMNS = [
  ...['status', 'ready', 'wake_at', 'not_before', 'attempt', 'unmet', 'blocks', 'failure', 'version', 'updated_at'],
  ...['started_at', 'finished_at', 'fence'],
];
const SAVE = `UPDATE task SET ${COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE seq = ?`;
const FIXED = ['id', 'spec', 'priority', 'rank', 'idempotency_key', 'spec_digest', 'created_by', 'created_at'];
const INSERT = `INSERT INTO task (${[...FIXED, ...COLUMNS].join(', ')}) VALUES (${[...FIXED, ...COLUMNS].map(() => '?').join(', ')})`;

export function createTaskTable(db: SqlDatabase): TaskTable {
  /** Only who is held has a lease to be looked up. */
  const held = (row: SqlRow | undefined) => (row ? toHeldRecord(db, row) : undefined);
  /** When nothing was due last. What is written later than that is due later, so within a millisecond one look is enough. */
  let quietAt = Number.NaN;
  const free = (row: SqlRow) => toRecord(row, null);
  return {
    insertTask(draft) {
      const { spec } = draft;
      const fixed = [draft.id, writeSpec(spec), spec.priority, draft.rank, spec.idempotencyKey, draft.specDigest];
      const inserted = db.prepare(INSERT).run(...fixed, draft.createdBy, draft.createdAt, ...valuesOf(draft));
      const seq = Number(inserted.lastInsertRowid);
      return { ...draft, seq, place: seq };
    },
    findTask: (id) => held(db.prepare('SELECT * FROM task WHERE id = ?').get(id)),
    findByKey: (key) => held(db.prepare('SELECT * FROM task WHERE idempotency_key = ?').get(key)),
    saveTask: (task) => void db.prepare(SAVE).run(...valuesOf(task), task.seq),
    saveSpec: ({ spec, rank, place, seq }) =>
      void db
        .prepare('UPDATE task SET spec = ?, priority = ?, rank = ?, place = ? WHERE seq = ?')
        .run(writeSpec(spec), spec.priority, rank, place === seq ? null : place, seq),
    firstReady() {
      const row = db.prepare('SELECT * FROM task WHERE ready = 1 ORDER BY rank, seq LIMIT 1').get();
      return row && free(row);
    },
    dueTasks: (now, limit) =>
      db.prepare('SELECT * FROM task WHERE wake_at <= ? ORDER BY wake_at LIMIT ?').all(now, limit).map(free),
    due(now) {
      if (now === quietAt) return { leases: false, wakes: false };
      const row = db
        .prepare(
          `SELECT EXISTS (SELECT 1 FROM lease WHERE check_at <= ?) AS leases,
             EXISTS (SELECT 1 FROM task WHERE wake_at <= ?) AS wakes`,
        )
        .get(now, now);
      const due = { leases: row?.['leases'] === 1, wakes: row?.['wakes'] === 1 };
      if (!due.leases && !due.wakes) quietAt = now;
      return due;
    },
  };
}

function valuesOf(task: NewTaskRecord | TaskRecord): SqlValue[] {
  return [
    task.status,
    task.ready ? 1 : 0,
    task.wakeAt,
    task.notBefore,
    task.attempt,
    task.unmet,
    task.blocks.length === 0 ? null : json(task.blocks),
    json(task.failure),
    task.version,
    task.updatedAt,
    task.startedAt,
    task.finishedAt,
    task.fence,
  ];
}
