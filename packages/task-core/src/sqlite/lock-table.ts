import type { SqlDatabase, SqlRow, SqlValue } from '@signalbox/kernel/sqlite';
import type { HeldLock, LockKey, LockWait, Tables } from '../engine/tables.js';

type LockTable = Pick<
  Tables,
  'lockCandidates' | 'holdLock' | 'dropLocks' | 'waitsOf' | 'addWait' | 'dropWaits' | 'waitersOf' | 'awaited'
>;

/** Longer endings tell no more locks apart, and each character is one more look into the index. */
const MAX_SUFFIX = 16;

export function createLockTable(db: SqlDatabase): LockTable {
  const search = (where: string, params: SqlValue[], exclusiveOnly: boolean): Iterable<SqlRow> =>
    db
      .prepare(`SELECT task, glob, mode FROM path_lock WHERE ${where}${exclusiveOnly ? " AND mode = 'exclusive'" : ''}`)
      .iterate(...params);

  return {
    *lockCandidates(key) {
      for (const { where, params } of searchesFor(key)) {
        yield* search(where, params, key.exclusiveOnly) as Iterable<unknown> as Iterable<HeldLock>;
      }
    },
    holdLock: (task, lock, key) =>
      void db
        .prepare('INSERT OR IGNORE INTO path_lock (task, glob, mode, prefix, suffix) VALUES (?, ?, ?, ?, ?)')
        .run(task, lock.glob, lock.mode, folderOf(key.prefix), reversed(key.suffix)),
    dropLocks: (task) => void db.prepare('DELETE FROM path_lock WHERE task = ?').run(task),
    waitsOf: (task) =>
      db.prepare('SELECT * FROM lock_wait WHERE task = ? ORDER BY holder').all(task) as unknown as LockWait[],
    addWait: ({ task, holder, glob, rank }) =>
      void db
        .prepare('INSERT OR IGNORE INTO lock_wait (task, holder, glob, rank) VALUES (?, ?, ?, ?)')
        .run(task, holder, glob, rank),
    awaited(task) {
      const row = db
        .prepare(
          `SELECT EXISTS (SELECT 1 FROM lock_wait WHERE holder = ?) AS locks,
             EXISTS (SELECT 1 FROM task_need WHERE need = ? AND met = 0) AS "end"`,
        )
        .get(task, task);
      return { locks: row?.['locks'] === 1, end: row?.['end'] === 1 };
    },
    dropWaits(task, holder) {
      if (holder === undefined) db.prepare('DELETE FROM lock_wait WHERE task = ?').run(task);
      else db.prepare('DELETE FROM lock_wait WHERE task = ? AND holder = ?').run(task, holder);
    },
    waitersOf: (holder, limit) =>
      db
        .prepare('SELECT task FROM lock_wait WHERE holder = ? ORDER BY rank, task LIMIT ?')
        .all(holder, limit)
        .map((row) => row['task'] as string),
  };
}

/**
 * Where the locks that can be in the way of `key` lie in the two indexes. By the literal beginning: on the way down to it,
 * or anywhere below. Where there is none, by the literal ending: one of the two endings must end with the other.
 */
function searchesFor(key: LockKey): { where: string; params: SqlValue[] }[] {
  if (key.prefix !== '') {
    const above = ['', ...key.prefix.split('/').map((_, index, all) => `${all.slice(0, index + 1).join('/')}/`)];
    const below = `${key.prefix}/`;
    return [
      { where: `prefix IN (${above.map(() => '?').join(', ')})`, params: above },
      // '0' comes right after '/'.
      { where: 'prefix > ? AND prefix < ?', params: [below, `${key.prefix}0`] },
    ];
  }
  const suffix = reversed(key.suffix);
  if (suffix === '') return [{ where: '1', params: [] }];
  const shorter = [...suffix].map((_, index, all) => all.slice(0, index).join(''));
  return [
    { where: `suffix IN (${shorter.map(() => '?').join(', ')})`, params: shorter },
    { where: 'suffix >= ? AND suffix < ?', params: [suffix, `${suffix}\u{10ffff}`] },
  ];
}

const folderOf = (prefix: string): string => (prefix === '' ? '' : `${prefix}/`);

function reversed(text: string): string {
  return [...text].reverse().slice(0, MAX_SUFFIX).join('');
}
