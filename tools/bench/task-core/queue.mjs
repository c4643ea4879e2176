import { createIds, systemClock } from '@signalbox/kernel';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { openSqliteTaskStore } from '@signalbox/task-core';
import { parseTaskSpec } from '@signalbox/task-core/spec';
import { quickly } from '../quickly.mjs';

export const TTL = 600_000;
export const record = () => [];
export const plainSpec = parseTaskSpec({ title: 'Task', description: 'Do it.' });
export const lockedSpec = parseTaskSpec({
  title: 'Task',
  description: 'Do it.',
  locks: [{ glob: 'src/**' }, { glob: 'docs/*.md' }],
});

/** The queue alone, over a file: what its operations record goes nowhere. `watch` sees every statement that is prepared. */
export function openQueue(file, { watch = (db) => db } = {}) {
  const db = openSqlite(file);
  const ids = createIds(systemClock);
  const store = openSqliteTaskStore(watch(db), { clock: systemClock, ids, journal: { append() {} } });
  const claim = async (request = {}) => {
    const claimed = await store.claim({ holder: 'bench', ttlMs: TTL, ...request }, record);
    if (claimed.status !== 'claimed') throw new Error(`the claim came out as ${claimed.status}`);
    return { task: claimed.task.id, lease: claimed.lease.id };
  };
  /** Claims and starts in one transaction. */
  const begin = () => claim({ start: { ai: null, data: {} } });
  const finish = (ref) => store.settle(ref, { kind: 'done' }, {}, record);
  const release = (ref) => store.settle(ref, { kind: 'release' }, {}, record);
  return { db, ids, store, claim, begin, finish, release };
}

const CHUNK = 5_000;

/** Adds tasks through the queue, without waiting for the disk. `specOf` gets the number and the ids made so far. */
export async function fill(queue, count, specOf = () => plainSpec) {
  const ids = [];
  await quickly(queue.db, async () => {
    while (ids.length < count) {
      const drafts = [];
      const size = Math.min(CHUNK, count - ids.length);
      for (let n = 0; n < size; n++) {
        const id = queue.ids('tsk');
        drafts.push({ id, spec: specOf(ids.length, ids) });
        ids.push(id);
      }
      await queue.store.enqueueMany(drafts, 'user:bench', record);
    }
  });
  return ids;
}

/**
 * Copies the newest task row until there are `count` more, each changed by `columns` (SQL expressions; `n` counts from 1). What
 * the queue would write itself, at a tenth of the time.
 */
export function multiply(db, count, columns) {
  const names = db
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all('task')
    .map(({ name }) => name)
    .filter((name) => name !== 'seq');
  const values = names.map((name) => columns[name] ?? `t.${name}`);
  db.exec(`
    WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ${count})
    INSERT INTO task (${names.join(', ')})
    SELECT ${values.join(', ')} FROM counter, (SELECT * FROM task ORDER BY seq DESC LIMIT 1) AS t`);
}
