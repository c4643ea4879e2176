import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isSignalboxError } from '../../src/index.js';
import { assertUsable, openSqlite, type SqlDatabase, type SqlDriverName, transact } from '../../src/sqlite/index.js';
import { createTempDir } from '../support/temp-dir.js';

let dir: ReturnType<typeof createTempDir>;
let open: SqlDatabase[];
beforeEach(() => {
  dir = createTempDir();
  open = [];
});
afterEach(() => {
  for (const db of open) db.close();
  dir.remove();
});

function connect(...args: Parameters<typeof openSqlite>): SqlDatabase {
  const db = openSqlite(...args);
  open.push(db);
  return db;
}
const file = (): string => join(dir.path, 'store.db');
const pragma = (db: SqlDatabase, name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];

// node:sqlite came with Node 22.5, and without a flag with 22.13.
const hasNodeSqlite = canOpen('node:sqlite');
const drivers: SqlDriverName[] = hasNodeSqlite ? ['better-sqlite3', 'node:sqlite'] : ['better-sqlite3'];

describe.each(drivers)('openSqlite with %s', (driver) => {
  it('gives a connection in WAL mode under full durability', () => {
    const db = connect(file(), { drivers: [driver], busyTimeoutMs: 123 });
    expect(db).toMatchObject({ driver, file: file() });
    expect(pragma(db, 'journal_mode')).toBe('wal');
    expect(pragma(db, 'synchronous')).toBe(2);
    expect(pragma(db, 'foreign_keys')).toBe(1);
    expect(pragma(db, 'busy_timeout')).toBe(123);
  });

  it('keeps what was written for the next connection', () => {
    const db = connect(file(), { drivers: [driver] });
    db.exec('CREATE TABLE t (n INTEGER, b BLOB)');
    expect(Number(db.prepare('INSERT INTO t VALUES (?, ?)').run(7, new Uint8Array([1, 2])).changes)).toBe(1);
    const row = connect(file(), { drivers: [driver] })
      .prepare('SELECT * FROM t')
      .get();
    expect(row?.['n']).toBe(7);
    expect(Buffer.from(row?.['b'] as Uint8Array).toString('hex')).toBe('0102');
  });

  it('prepares a statement once per text, and reads rows one by one or all at once', () => {
    const db = connect(file(), { drivers: [driver] });
    const sql = 'SELECT value FROM json_each(?) ORDER BY 1';
    expect(db.prepare(sql)).toBe(db.prepare(sql));
    expect(
      db
        .prepare(sql)
        .all('[1,2]')
        .map((row) => row['value']),
    ).toEqual([1, 2]);
    expect([...db.prepare(sql).iterate('[3]')].map((row) => row['value'])).toEqual([3]);
    expect(db.prepare(sql).get('[]')).toBeUndefined();
  });

  it('refuses to write in read-only mode, and to make a file', () => {
    const missing = join(dir.path, 'missing.db');
    const openMissing = (): unknown => openSqlite(missing, { mode: 'read-only', drivers: [driver] });
    expect(openMissing).toThrow(expect.objectContaining({ code: 'STORE_UNREADABLE' }));
    connect(file(), { drivers: [driver] }).exec('CREATE TABLE t (n INTEGER)');
    const reader = connect(file(), { mode: 'read-only', drivers: [driver] });
    expect(() => reader.exec('INSERT INTO t VALUES (1)')).toThrow(/readonly/);
    expect(Number(reader.prepare('SELECT count(*) AS n FROM t').get()?.['n'])).toBe(0);
  });

  it.each([
    [
      'a file that is no database',
      (path: string) => writeFileSync(path, 'this is not a database, just some text\n'.repeat(20)),
    ],
    ['a folder', (path: string) => mkdirSync(path)],
  ])('says that %s cannot be read, and leaves it as it is', (_, make) => {
    make(file());
    const attempt = (): unknown => openSqlite(file(), { drivers: [driver] });
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'STORE_UNREADABLE', message: expect.stringContaining(file()) }),
    );
  });

  it('leaves a file that is no database untouched', () => {
    const text = 'this is not a database, just some text\n'.repeat(20);
    writeFileSync(file(), text);
    expect(() => openSqlite(file(), { drivers: [driver] })).toThrow();
    expect(readFileSync(file(), 'utf8')).toBe(text);
  });
});

describe('drivers', () => {
  it('are tried in order until one loads', () => {
    const db = connect(file(), { drivers: ['node:sqlite', 'better-sqlite3'] });
    expect(db.driver).toBe(hasNodeSqlite ? 'node:sqlite' : 'better-sqlite3');
  });

  it('that all fail to load are named in one error with a way out', () => {
    const attempt = (): unknown => openSqlite(file(), { drivers: hasNodeSqlite ? [] : ['node:sqlite'] });
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'SQLITE_UNAVAILABLE', hint: expect.stringContaining('npm rebuild') }),
    );
  });

  it('that would crash an old Node are refused by their version', () => {
    expect(() => assertUsable('13.0.0', '9')).toThrow('needs Node 22.14');
    expect(() => assertUsable('13.2.0', '10')).not.toThrow();
    expect(() => assertUsable('12.11.1', '9')).not.toThrow();
  });

  it('do not swallow warnings of the process', () => {
    const before = process.emitWarning;
    connect(file(), { drivers: ['node:sqlite', 'better-sqlite3'] });
    expect(process.emitWarning).toBe(before);
  });
});

describe('a second writer', () => {
  it('is turned away when its patience ends, and can write once the first is done', () => {
    const first = connect(file());
    first.exec('CREATE TABLE t (n INTEGER)');
    const second = connect(file(), { busyTimeoutMs: 1 });
    transact(first, () => {
      first.exec('INSERT INTO t VALUES (1)');
      expect(() => transact(second, () => second.exec('INSERT INTO t VALUES (2)'))).toThrow();
      expect(second.prepare('SELECT n FROM t').all()).toEqual([]); // a reader is not held up, and sees no half of it
    });
    transact(second, () => second.exec('INSERT INTO t VALUES (3)'));
    expect(
      first
        .prepare('SELECT n FROM t ORDER BY n')
        .all()
        .map((row) => row['n']),
    ).toEqual([1, 3]);
  });

  it('gets an error of ours when the file is locked as it is opened', () => {
    const holder = connect(file());
    holder.exec('PRAGMA locking_mode = EXCLUSIVE; CREATE TABLE t (n INTEGER); BEGIN EXCLUSIVE');
    let thrown: unknown;
    try {
      connect(file(), { busyTimeoutMs: 1 });
    } catch (error) {
      thrown = error;
    }
    expect(isSignalboxError(thrown)).toBe(true);
  });
});

function canOpen(driver: SqlDriverName): boolean {
  try {
    openSqlite(':memory:', { drivers: [driver] }).close();
    return true;
  } catch {
    return false;
  }
}
