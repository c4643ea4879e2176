import type { Migration } from '@signalbox/kernel/sqlite';

/** The tables of what persons decide, and the texts that decisions refer to. The records themselves are JSON; beside them stands what is looked for. */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: 'approvals, overrides and texts',
    sql: `
CREATE TABLE approval (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  digest TEXT NOT NULL,
  task TEXT,
  state TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX approval_by_digest ON approval (digest, number);
CREATE INDEX approval_by_task ON approval (task, number) WHERE task IS NOT NULL;
CREATE INDEX approval_waiting ON approval (number) WHERE state = 'waiting';

CREATE TABLE policy_override (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  revoked INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX policy_override_standing ON policy_override (number) WHERE revoked = 0;

CREATE TABLE approval_key (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  key BLOB NOT NULL
) STRICT;

CREATE TABLE policy_text (
  digest TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
  },
];
