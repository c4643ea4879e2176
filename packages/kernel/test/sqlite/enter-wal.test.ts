import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { SqlDatabase } from '../../src/sqlite/database.js';
import { openWithDriver } from '../../src/sqlite/drivers.js';
import { enterWal } from '../../src/sqlite/enter-wal.js';
import { createTempDir } from '../support/temp-dir.js';

let dir: ReturnType<typeof createTempDir>;
let holder: SqlDatabase;
let db: SqlDatabase;
beforeEach(() => {
  dir = createTempDir();
  const open = (): SqlDatabase =>
    openWithDriver(join(dir.path, 'new.db'), 'read-write', ['better-sqlite3', 'node:sqlite']);
  [holder, db] = [open(), open()];
  db.exec('PRAGMA busy_timeout = 10000');
  // Another process is writing the first page of the new file.
  holder.exec('BEGIN IMMEDIATE');
});
afterEach(() => {
  db.close();
  holder.close();
  dir.remove();
});

it('waits for another process that is at it too', () => {
  let waits = 0;
  enterWal(db, 10_000, () => {
    if (++waits === 2) holder.exec('COMMIT');
  });
  expect(waits).toBe(2);
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
});

it('is refused when the time is over', () => {
  expect(() => enterWal(db, 0)).toThrow('database is locked');
  // Blocks for real, a few times over.
  expect(() => enterWal(db, 12)).toThrow('database is locked');
});
