import { type Migration, migrate, type SqlDatabase } from '@signalbox/kernel/sqlite';

// The copied-out columns of `ledger` exist for the indexes only; the line is the record, and verification compares the two.
const migrations: readonly Migration[] = [
  {
    name: 'ledger, checkpoints and evidence',
    sql: `
      CREATE TABLE ledger (
        seq INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        task TEXT,
        line TEXT NOT NULL
      ) STRICT;
      CREATE INDEX ledger_by_subject ON ledger (subject);
      CREATE INDEX ledger_by_task ON ledger (task) WHERE task IS NOT NULL;
      CREATE TABLE ledger_head (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        log_id TEXT NOT NULL,
        size INTEGER NOT NULL,
        frontier BLOB NOT NULL,
        last_leaf BLOB NOT NULL
      ) STRICT;
      CREATE TABLE ledger_checkpoint (
        size INTEGER PRIMARY KEY,
        note TEXT NOT NULL
      ) STRICT;
      CREATE TABLE evidence (
        id TEXT PRIMARY KEY,
        task TEXT NOT NULL,
        attempt TEXT NOT NULL,
        kind TEXT NOT NULL,
        producer TEXT NOT NULL,
        grade TEXT NOT NULL CHECK (grade IN ('claimed', 'observed', 'verified')),
        tree TEXT,
        digest TEXT NOT NULL,
        size INTEGER NOT NULL CHECK (size >= 0),
        at TEXT NOT NULL,
        summary TEXT NOT NULL
      ) STRICT;
      CREATE INDEX evidence_by_task ON evidence (task, attempt);
    `,
  },
];

/** Creates or updates the tables of this package. Harmless to repeat. */
export function migrateAudit(db: SqlDatabase): void {
  migrate(db, 'audit', migrations);
}
