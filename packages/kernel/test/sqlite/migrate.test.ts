import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Migration, migrate, openSqlite, type SqlDatabase } from '../../src/sqlite/index.js';
import { createTempDir } from '../support/temp-dir.js';

const one: Migration = { name: 'one', sql: 'CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (1)' };
const one2: Migration = { name: 'one', sql: 'CREATE TABLE b (n INTEGER)' };
const two: Migration = { name: 'two', sql: 'ALTER TABLE a ADD COLUMN m INTEGER DEFAULT 2' };

let dir: ReturnType<typeof createTempDir>;
let db: SqlDatabase;
beforeEach(() => {
  dir = createTempDir();
  db = openSqlite(join(dir.path, 'store.db'));
});
afterEach(() => {
  db.close();
  dir.remove();
});

const applied = (): string[] =>
  db
    .prepare('SELECT owner, number, name FROM migration ORDER BY owner, number')
    .all()
    .map((row) => `${row['owner']} ${row['number']} ${row['name']}`);

describe('migrate', () => {
  it('runs each migration once, in order', () => {
    migrate(db, 'demo', [one, two]);
    migrate(db, 'demo', [one, two]);
    expect(applied()).toEqual(['demo 1 one', 'demo 2 two']);
    expect(db.prepare('SELECT n, m FROM a').all()).toEqual([{ n: 1, m: 2 }]);
  });

  it('runs only what is new', () => {
    migrate(db, 'demo', [one]);
    migrate(db, 'demo', [one, two]);
    expect(db.prepare('SELECT n, m FROM a').all()).toEqual([{ n: 1, m: 2 }]);
  });

  it('counts for each owner apart', () => {
    migrate(db, 'demo', [one]);
    migrate(db, 'other', [{ name: 'first', sql: 'CREATE TABLE b (n INTEGER)' }]);
    expect(applied()).toEqual(['demo 1 one', 'other 1 first']);
  });

  it('leaves nothing behind when one of several fails', () => {
    const broken: Migration = { name: 'broken', sql: 'CREATE TABLE c (n INTEGER); SELECT * FROM nowhere' };
    expect(() => migrate(db, 'demo', [one, broken])).toThrow(/nowhere/);
    expect(db.prepare('SELECT name FROM sqlite_schema').all()).toEqual([]);
    migrate(db, 'demo', [one]);
    expect(applied()).toEqual(['demo 1 one']);
  });

  it('copies a file that has data before it changes it, and only then', () => {
    migrate(db, 'demo', [one]);
    migrate(db, 'other', [one2]);
    expect(readdirSync(dir.path).filter((name) => name.includes('before'))).toEqual([]);
    migrate(db, 'demo', [one, two]);
    migrate(db, 'demo', [one, two]);
    expect(readdirSync(dir.path).filter((name) => name.includes('before'))).toEqual(['store.db.before-demo-2']);
    const copy = openSqlite(join(dir.path, 'store.db.before-demo-2'), { mode: 'read-only' });
    try {
      expect(copy.prepare('SELECT * FROM a').all()).toEqual([{ n: 1 }]);
    } finally {
      copy.close();
    }
  });

  it('changes nothing when the copy cannot be made', () => {
    migrate(db, 'demo', [one]);
    mkdirSync(join(dir.path, 'store.db.before-demo-2', 'in-the-way'), { recursive: true });
    const attempt = (): void => migrate(db, 'demo', [one, two]);
    expect(attempt).toThrow(expect.objectContaining({ code: 'BACKUP_FAILED' }));
    expect(applied()).toEqual(['demo 1 one']);
    expect(readdirSync(dir.path).sort()).toEqual([
      ...['store.db', 'store.db-shm', 'store.db-wal', 'store.db.before-demo-2'],
    ]);
  });

  it('refuses a file that a newer version wrote, and changes nothing', () => {
    migrate(db, 'demo', [one, two]);
    const attempt = (): void => migrate(db, 'demo', [one]);
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'STORE_NEWER', message: expect.stringContaining('demo schema 2') }),
    );
    expect(applied()).toEqual(['demo 1 one', 'demo 2 two']);
  });

  it('needs no write when there is nothing to do', () => {
    migrate(db, 'demo', [one]);
    const reader = openSqlite(db.file, { mode: 'read-only' });
    migrate(reader, 'demo', [one]);
    reader.close();
  });

  it('lets a second connection find the work done', () => {
    const other = openSqlite(db.file);
    migrate(db, 'demo', [one]);
    migrate(other, 'demo', [one, two]);
    migrate(db, 'demo', [one, two]);
    other.close();
    expect(applied()).toEqual(['demo 1 one', 'demo 2 two']);
  });
});
