import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import type { FanOut, Tables } from '../engine/tables.js';
import type { TaskStatus } from '../task.js';

type NeedTable = Pick<
  Tables,
  'needsOf' | 'neededBy' | 'addNeed' | 'removeNeed' | 'dependents' | 'fanOuts' | 'saveFanOut' | 'endFanOut'
>;

export function createNeedTable(db: SqlDatabase): NeedTable {
  return {
    needsOf: (task) =>
      db
        .prepare(
          `SELECT n.need, t.status, n.met, coalesce(t.place, t.seq) AS place
           FROM task_need n JOIN task t ON t.id = n.need WHERE n.task = ? ORDER BY t.seq`,
        )
        .all(task)
        .map((row) => ({
          need: row['need'] as string,
          status: row['status'] as TaskStatus,
          met: row['met'] === 1,
          place: row['place'] as number,
        })),
    neededBy: (need) =>
      db
        .prepare(
          `SELECT n.task, coalesce(t.place, t.seq) AS place
           FROM task_need n JOIN task t ON t.id = n.task WHERE n.need = ? ORDER BY n.task`,
        )
        .all(need) as unknown as { task: string; place: number }[],
    addNeed: (task, need, met) =>
      void db
        .prepare(
          'INSERT INTO task_need (task, need, met) VALUES (?, ?, ?) ON CONFLICT (task, need) DO UPDATE SET met = excluded.met',
        )
        .run(task, need, met ? 1 : 0),
    removeNeed: (task, need) => void db.prepare('DELETE FROM task_need WHERE task = ? AND need = ?').run(task, need),
    dependents: (need, after, limit) =>
      db
        .prepare('SELECT task FROM task_need WHERE need = ? AND task > ? AND met = 0 ORDER BY task LIMIT ?')
        .all(need, after, limit)
        .map((row) => row['task'] as string),
    fanOuts: (limit) => db.prepare('SELECT * FROM fan_out LIMIT ?').all(limit) as unknown as FanOut[],
    saveFanOut: ({ kind, task, after }) =>
      void db
        .prepare(
          'INSERT INTO fan_out (kind, task, after) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET after = excluded.after',
        )
        .run(kind, task, after),
    endFanOut: ({ kind, task }) => void db.prepare('DELETE FROM fan_out WHERE kind = ? AND task = ?').run(kind, task),
  };
}
