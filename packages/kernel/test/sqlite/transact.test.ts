import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqlite, type SqlDatabase, transact } from '../../src/sqlite/index.js';
import { createTempDir } from '../support/temp-dir.js';

let dir: ReturnType<typeof createTempDir>;
let db: SqlDatabase;
beforeEach(() => {
  dir = createTempDir();
  db = openSqlite(join(dir.path, 'store.db'));
  db.exec('CREATE TABLE t (n INTEGER UNIQUE)');
});
afterEach(() => {
  db.close();
  dir.remove();
});

const add = (...numbers: number[]): void => {
  for (const n of numbers) db.prepare('INSERT INTO t VALUES (?)').run(n);
};
const count = (): number => Number(db.prepare('SELECT count(*) AS n FROM t').get()?.['n']);

describe('transact', () => {
  it('commits and returns what the work returns', () => {
    const work = (): string => {
      add(1, 2);
      return 'done';
    };
    expect(transact(db, work)).toBe('done');
    expect(count()).toBe(2);
  });

  it('undoes everything when the work throws, and throws the same error', () => {
    const error = new Error('no');
    const work = (): never => {
      add(1);
      throw error;
    };
    expect(() => transact(db, work)).toThrow(error);
    expect(count()).toBe(0);
  });

  it('undoes everything when a statement fails', () => {
    expect(() => transact(db, () => add(1, 1))).toThrow(/UNIQUE/);
    expect(count()).toBe(0);
  });

  it('refuses work that returns a promise, and undoes it', () => {
    expect(() => transact(db, async () => add(1))).toThrow(TypeError);
    expect(count()).toBe(0);
  });

  it('leaves the connection ready for the next transaction', () => {
    expect(() => transact(db, () => add(1, 1))).toThrow();
    transact(db, () => add(3));
    expect(count()).toBe(1);
  });

  it('reports the first error when SQLite has already rolled back by itself', () => {
    const work = (): never => {
      add(1);
      db.exec('ROLLBACK');
      throw new Error('the first error');
    };
    expect(() => transact(db, work)).toThrow('the first error');
    expect(count()).toBe(0);
  });

  it('refuses to nest', () => {
    expect(() => transact(db, () => transact(db, () => add(1)))).toThrow(/within a transaction/);
    expect(count()).toBe(0);
  });
});
