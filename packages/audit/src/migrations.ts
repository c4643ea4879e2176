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
        line TEXT NOT NULL,
        -- Canonical JSON ends with the time (24 characters), the type and the kind in it.
        at TEXT GENERATED ALWAYS AS (substr(line, -53 - length(kind), 24)) VIRTUAL
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
      CREATE TABLE ledger_block (
        block INTEGER PRIMARY KEY,
        since TEXT NOT NULL,
        until TEXT NOT NULL,
        kinds TEXT NOT NULL
      ) STRICT;
      CREATE TABLE ledger_segment (
        first INTEGER PRIMARY KEY,
        last INTEGER NOT NULL,
        file TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        digest TEXT NOT NULL,
        before BLOB NOT NULL,
        last_leaf BLOB NOT NULL,
        closing TEXT NOT NULL,
        rotations TEXT NOT NULL
      ) STRICT;
      CREATE TABLE ledger_verified (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        size INTEGER NOT NULL,
        before BLOB NOT NULL,
        last_leaf BLOB NOT NULL,
        at TEXT NOT NULL
      ) STRICT;
      CREATE TABLE ledger_cursor (
        name TEXT PRIMARY KEY,
        seq INTEGER NOT NULL CHECK (seq >= 0)
      ) STRICT, WITHOUT ROWID;
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

/** How many migrations a database of this version has seen. */
export const schemaVersion: number = migrations.length;

/** Creates or updates the tables of this package. Harmless to repeat. */
export function migrateAudit(db: SqlDatabase): void {
  migrate(db, 'audit', migrations);
}
