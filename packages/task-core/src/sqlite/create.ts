import { digestOf } from '@signalbox/kernel';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { TaskError } from '../errors.js';
import type { CreateOutcome } from '../store.js';
import type { TaskSpec } from '../task.js';
import { findRow, mustFindTask, toTask } from './rows.js';

export function createTask(
  db: SqlDatabase,
  spec: TaskSpec,
  at: { id: string; now: number; createdBy: string },
): CreateOutcome {
  const digest = digestOf(spec);
  if (spec.idempotencyKey !== null) {
    const earlier = db.prepare('SELECT * FROM task WHERE idempotency_key = ?').get(spec.idempotencyKey);
    if (earlier) {
      if (earlier['idempotency_digest'] !== digest) throw mismatch(spec.idempotencyKey, String(earlier['id']));
      return { created: false, task: toTask(db, earlier) };
    }
  }
  const unmet = countUnmet(db, spec.needs);
  const notBefore = spec.notBefore === null ? null : Date.parse(spec.notBefore);
  const ready = unmet === 0 && (notBefore === null || notBefore <= at.now);
  db.prepare(
    `INSERT INTO task (id, spec, status, ready, priority, not_before, unmet, idempotency_key, idempotency_digest,
       created_by, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    at.id,
    JSON.stringify(spec),
    unmet === 0 ? 'queued' : 'blocked',
    ready ? 1 : 0,
    spec.priority,
    notBefore,
    unmet,
    spec.idempotencyKey,
    digest,
    at.createdBy,
    at.now,
    at.now,
  );
  const addNeed = db.prepare('INSERT INTO task_need (task, need) VALUES (?, ?)');
  for (const need of spec.needs) addNeed.run(at.id, need);
  return { created: true, task: mustFindTask(db, at.id) };
}

function countUnmet(db: SqlDatabase, needs: readonly string[]): number {
  let unmet = 0;
  for (const need of needs) {
    const row = findRow(db, need);
    if (!row) {
      throw new TaskError({
        code: 'UNKNOWN_NEED',
        message: `The task needs ${need}, which does not exist.`,
        hint: 'Create that task first, or take its id from `signalbox task list`.',
        details: { need },
      });
    }
    if (row['status'] !== 'done') unmet += 1;
  }
  return unmet;
}

function mismatch(key: string, id: string): TaskError {
  return new TaskError({
    code: 'IDEMPOTENCY_MISMATCH',
    message: `The idempotency key "${key}" was used for ${id} with other content.`,
    hint: 'Use a new key for a new task, or send the same content again.',
    details: { task: id },
  });
}
