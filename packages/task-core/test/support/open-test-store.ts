import { join } from 'node:path';
import { createIds, type Journal, type JournalEntry } from '@signalbox/kernel';
import { openSqlite, type SqlDatabase, type SqlDriverName } from '@signalbox/kernel/sqlite';
import { createFakeClock, createTempDir, type FakeClock } from '@signalbox/testkit';
import type { StoreUnderTest } from '../../src/conformance/index.js';
import { openSqliteTaskStore } from '../../src/index.js';

/** A journal in a table of the same file: an entry is there if the transaction that brought it was committed. */
export function createTableJournal(db: SqlDatabase): Journal & { entries(): JournalEntry[] } {
  db.exec('CREATE TABLE IF NOT EXISTS test_journal (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT');
  return {
    append(entries, transaction) {
      const insert = transaction.prepare('INSERT INTO test_journal (entry) VALUES (?)');
      for (const entry of entries) insert.run(JSON.stringify(entry));
    },
    entries: () =>
      db
        .prepare('SELECT entry FROM test_journal ORDER BY seq')
        .all()
        .map((row) => JSON.parse(String(row['entry'])) as JournalEntry),
  };
}

/** A store in a new file, which goes with `close`. */
export function openTestStore(
  driver: SqlDriverName = 'better-sqlite3',
): StoreUnderTest & { db: SqlDatabase; clock: FakeClock } {
  const dir = createTempDir();
  const clock = createFakeClock();
  const db = openSqlite(join(dir.path, 'store.db'), { drivers: [driver] });
  const journal = createTableJournal(db);
  return {
    store: openSqliteTaskStore(db, { clock, ids: createIds(clock), journal }),
    clock,
    journal,
    db,
    close: () => {
      db.close();
      dir.remove();
    },
  };
}
