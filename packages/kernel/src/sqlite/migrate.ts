import { renameSync, rmSync } from 'node:fs';
import { KernelError, messageOf } from '../errors.js';
import { type SqlDatabase, transact } from './database.js';

/** One forward step of a package's schema. Its number is its place in the list, from 1. */
export interface Migration {
  name: string;
  sql: string;
}

/**
 * Brings the tables of `owner` up to date: runs the migrations that this file has not seen, in one transaction. A file that has
 * data already is copied first, to `<file>.before-<owner>-<number of the first new migration>`; if that fails nothing is
 * migrated (`BACKUP_FAILED`). Several processes may call it at once; one does the work. A file that has seen more migrations than `migrations` holds was
 * written by a newer version and is refused with `STORE_NEWER`, untouched.
 */
export function migrate(db: SqlDatabase, owner: string, migrations: readonly Migration[]): void {
  const before = appliedCount(db, owner);
  if (before === migrations.length) return;
  if (before > 0 && before < migrations.length) backUp(db, `${db.file}.before-${owner}-${before + 1}`);
  transact(db, () => {
    db.exec(
      'CREATE TABLE IF NOT EXISTS migration (owner TEXT, number INTEGER, name TEXT, PRIMARY KEY (owner, number))',
    );
    const applied = appliedCount(db, owner);
    if (applied > migrations.length) throw newer(db, owner, applied, migrations.length);
    for (const [index, migration] of migrations.entries()) {
      if (index < applied) continue;
      db.exec(migration.sql);
      db.prepare('INSERT INTO migration (owner, number, name) VALUES (?, ?, ?)').run(owner, index + 1, migration.name);
    }
  });
}

function appliedCount(db: SqlDatabase, owner: string): number {
  const table = db.prepare("SELECT 1 AS found FROM sqlite_schema WHERE name = 'migration'").get();
  if (!table) return 0;
  return Number(db.prepare('SELECT coalesce(max(number), 0) AS n FROM migration WHERE owner = ?').get(owner)?.['n']);
}

function newer(db: SqlDatabase, owner: string, found: number, known: number): KernelError {
  return new KernelError({
    code: 'STORE_NEWER',
    message: `${db.file} was written by a newer version (${owner} schema ${found}, this version knows ${known}).`,
    hint: 'Install the version that wrote it; nothing was changed.',
  });
}

/** A consistent copy of all that is committed, whoever else is writing; complete or not there at all. */
function backUp(db: SqlDatabase, target: string): void {
  if (db.file === ':memory:' || db.file === '') return;
  const unfinished = `${target}.${process.pid}`;
  try {
    rmSync(unfinished, { force: true });
    db.prepare('VACUUM INTO ?').run(unfinished);
    renameSync(unfinished, target);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new KernelError({
      code: 'BACKUP_FAILED',
      message: `${db.file} could not be copied before it is brought up to date: ${messageOf(error)}.`,
      hint: 'Make room beside it, or make its folder writable; nothing was changed.',
      cause: error,
    });
  }
}
