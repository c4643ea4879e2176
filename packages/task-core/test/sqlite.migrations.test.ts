import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createIds } from '@signalbox/kernel';
import { openSqlite, type SqlDatabase } from '@signalbox/kernel/sqlite';
import { createFakeClock, createTempDir, type TempDir } from '@signalbox/testkit';
import { openSqliteTaskStore, type TaskStore } from '../src/index.js';
import { parseTaskSpec } from '../src/task-spec.js';

let dir: TempDir;
let open: SqlDatabase[];

beforeEach(() => {
  dir = createTempDir();
  open = [];
});
afterEach(() => {
  for (const db of open) db.close();
  dir.remove();
});

function connect(): SqlDatabase {
  const db = openSqlite(join(dir.path, 'store.db'));
  open.push(db);
  return db;
}

function openStore(db: SqlDatabase): TaskStore {
  const clock = createFakeClock();
  return openSqliteTaskStore(db, { clock, ids: createIds(clock), journal: { append: () => {} } });
}

/** The schema as text, one statement after the other. The `migration` table is the kernel's. */
function dumpSchema(db: SqlDatabase): string {
  const rows = db
    .prepare(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name <> 'migration' ORDER BY tbl_name, type DESC, name",
    )
    .all();
  return rows.map((row) => `${row['sql']};\n`).join('\n');
}

describe('the schema of the SQLite store', () => {
  it('is the one in schema.sql', () => {
    const db = connect();
    openStore(db);
    expect(dumpSchema(db)).toBe(readFileSync(new URL('./schema.sql', import.meta.url), 'utf8'));
  });

  it('counts its migrations under its own name', () => {
    const db = connect();
    openStore(db);
    expect(
      db
        .prepare('SELECT owner, number, name FROM migration')
        .all()
        .map((row) => ({ ...row })),
    ).toEqual([
      { owner: 'task-core', number: 1, name: 'tasks' },
      { owner: 'task-core', number: 2, name: 'attempts by AI' },
      { owner: 'task-core', number: 3, name: 'attempts by their end' },
    ]);
  });

  it('is left alone when the store is opened again, also over another connection', async () => {
    const db = connect();
    const { task } = await openStore(db).create(parseTaskSpec({ title: 'stays' }), 'user:ana', () => []);
    const before = dumpSchema(db);
    openStore(db);
    expect(await openStore(connect()).get(task.id)).toEqual(task);
    expect(dumpSchema(db)).toBe(before);
  });

  it('is refused when a newer version has written it, and nothing is changed', async () => {
    const db = connect();
    const { task } = await openStore(db).create(parseTaskSpec({ title: 'from the future' }), 'user:ana', () => []);
    db.exec("INSERT INTO migration (owner, number, name) VALUES ('task-core', 4, 'to come')");
    const before = dumpSchema(db);
    expect(() => openStore(connect())).toThrow(expect.objectContaining({ code: 'STORE_NEWER' }));
    expect(dumpSchema(db)).toBe(before);
    expect(db.prepare('SELECT id FROM task').get()?.['id']).toBe(task.id);
  });
});
