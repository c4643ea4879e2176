import { join } from 'node:path';
import { type Journal, type JournalEntry, messageOf } from '@signalbox/kernel';
import { type OpenSqliteOptions, openSqlite, type SqlDatabase } from '@signalbox/kernel/sqlite';
import { createFakeClock, createTempDir, type FakeClock } from '@signalbox/testkit';
import { type AIInstance, type AIRegistry, openSqliteRegistry } from '../../src/index.js';

export interface RegistryBench {
  clock: FakeClock;
  file: string;
  /** A further connection, closed with the bench. */
  connect(options?: OpenSqliteOptions): SqlDatabase;
  open(db?: SqlDatabase): AIRegistry;
  /** What was journalled and committed. */
  entries(): JournalEntry[];
}

/** A journal in a table of the same file: an entry is there if its transaction was committed. */
const journal: Journal = {
  append(entries, transaction) {
    const insert = transaction.prepare('INSERT INTO test_journal (entry) VALUES (?)');
    for (const entry of entries) insert.run(JSON.stringify(entry));
  },
};

export async function withRegistryBench(work: (bench: RegistryBench) => Promise<void>): Promise<void> {
  const dir = createTempDir();
  const clock = createFakeClock();
  const file = join(dir.path, 'store.db');
  const connections: SqlDatabase[] = [];
  const connect = (options: OpenSqliteOptions = {}): SqlDatabase => {
    const db = openSqlite(file, options);
    connections.push(db);
    return db;
  };
  const open = (db = connect()): AIRegistry => openSqliteRegistry(db, { clock, journal });
  const main = connect();
  main.exec('CREATE TABLE test_journal (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT');
  const entries = (): JournalEntry[] =>
    main
      .prepare('SELECT entry FROM test_journal ORDER BY seq')
      .all()
      .map((row) => JSON.parse(String(row['entry'])) as JournalEntry);
  try {
    await work({ clock, file, connect, open, entries });
  } finally {
    for (const db of connections) db.close();
    dir.remove();
  }
}

/** Journals the whole AI as the recorder was given it. */
export const note =
  (kind: string) =>
  (ai: AIInstance): JournalEntry[] => [
    { kind, actor: 'user:ana', subject: `ai/${ai.id}`, data: JSON.parse(JSON.stringify(ai)) },
  ];

export const refuse = (): never => {
  throw new Error('The journal is full.');
};

/** The code of the error, or what came instead. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return { resolved: await promise };
  } catch (error) {
    return (error as { code?: unknown }).code ?? messageOf(error);
  }
}
