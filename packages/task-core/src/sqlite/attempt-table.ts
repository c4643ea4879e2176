import type { SqlDatabase, SqlValue } from '@signalbox/kernel/sqlite';
import type { Tables } from '../engine/tables.js';
import type { Attempt } from '../task.js';
import { json, toAttempt } from './rows.js';

type AttemptTable = Pick<Tables, 'insertAttempt' | 'saveAttempt' | 'attemptAt' | 'attemptsSince' | 'countRunning'>;

export function createAttemptTable(db: SqlDatabase): AttemptTable {
  return {
    insertAttempt: (attempt) =>
      void db
        .prepare(
          `INSERT INTO attempt (id, task, number, fence, ai, started_at, finished_at, outcome, failure, landing, data)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          ...[attempt.id, attempt.task, attempt.number, attempt.fence, attempt.ai, Date.parse(attempt.startedAt)],
          ...endOf(attempt),
        ),
    saveAttempt: (attempt) =>
      void db
        .prepare(
          'UPDATE attempt SET finished_at = ?, outcome = ?, failure = ?, landing = ?, data = ? WHERE task = ? AND fence = ?',
        )
        .run(...endOf(attempt), attempt.task, attempt.fence),
    attemptAt(task, fence) {
      const row = db.prepare('SELECT * FROM attempt WHERE task = ? AND fence = ?').get(task, fence);
      return row ? toAttempt(row) : undefined;
    },
    attemptsSince: (time) =>
      db
        .prepare(
          'SELECT * FROM attempt WHERE finished_at >= ? UNION ALL SELECT * FROM attempt WHERE finished_at IS NULL',
        )
        .all(time)
        .map(toAttempt),
    countRunning: (ai) =>
      Number(db.prepare('SELECT count(*) AS n FROM attempt WHERE ai = ? AND outcome IS NULL').get(ai)?.['n']),
  };
}

function endOf(attempt: Attempt): SqlValue[] {
  const { finishedAt, outcome, failure, landing, data } = attempt;
  return [finishedAt === null ? null : Date.parse(finishedAt), outcome, json(failure), json(landing), json(data)];
}
