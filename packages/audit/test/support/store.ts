import { join } from 'node:path';
import { createIds, type JournalEntry, type JsonObject } from '@signalbox/kernel';
import { openSqlite, type SqlDatabase, transact } from '@signalbox/kernel/sqlite';
import { createFakeClock, createTempDir, type FakeClock } from '@signalbox/testkit';
import { type Ledger, openLedger } from '../../src/index.js';

export interface TestStore {
  db: SqlDatabase;
  clock: FakeClock;
  ledger: Ledger;
  env: Parameters<typeof openLedger>[1];
  dir: string;
  /** Appends in a transaction of its own. */
  append(...entries: JournalEntry[]): void;
  remove(): void;
}

/** A real SQLite file with an open ledger, in a folder of its own. */
export function createTestStore(): TestStore {
  const dir = createTempDir();
  const db = openSqlite(join(dir.path, 'store.db'));
  const clock = createFakeClock();
  const env = { clock, ids: createIds(clock), source: '/projects/test' };
  const ledger = openLedger(db, env);
  return {
    db,
    clock,
    ledger,
    env,
    dir: dir.path,
    append: (...entries) => transact(db, () => ledger.append(entries, db)),
    remove() {
      db.close();
      dir.remove();
    },
  };
}

export function entry(kind: string, subject: string, data: JsonObject = {}): JournalEntry {
  return { kind, actor: 'user:ana', subject, data };
}

/** The lines of a fresh log with `size` entries, log.created included, and its head. */
export function sampleLog(size: number): { lines: string[]; store: TestStore } {
  const store = createTestStore();
  for (let i = 2; i <= size; i++) store.append(entry('task.created', `task/tsk_${i}`, { title: `Größe ${i}`, n: i }));
  return { lines: [...store.ledger.lines()].map(({ line }) => line), store };
}

/** Lines as a verifier takes them, numbered by where they stand. */
export function numbered(lines: readonly string[]): { seq: number; line: string }[] {
  return lines.map((line, i) => ({ seq: i + 1, line }));
}
