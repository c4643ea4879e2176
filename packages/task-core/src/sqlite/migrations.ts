import type { Migration } from '@signalbox/kernel/sqlite';

/** Forward only. A migration that has shipped is never edited. */
export const migrations: readonly Migration[] = [
  {
    name: 'tasks',
    sql: `
CREATE TABLE task (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  spec TEXT NOT NULL,
  status TEXT NOT NULL,
  priority INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  ready INTEGER NOT NULL,
  wake_at INTEGER,
  not_before INTEGER,
  attempt INTEGER NOT NULL,
  unmet INTEGER NOT NULL,
  blocks TEXT,
  failure TEXT,
  version INTEGER NOT NULL,
  idempotency_key TEXT,
  spec_digest TEXT,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  place INTEGER,
  fence INTEGER NOT NULL
) STRICT;
CREATE INDEX task_ready ON task (rank, seq) WHERE ready = 1;
CREATE INDEX task_wake ON task (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX task_status ON task (status, seq);
CREATE INDEX task_order ON task (priority DESC, seq);
CREATE UNIQUE INDEX task_key ON task (idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE lease (
  task TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  holder TEXT NOT NULL,
  ttl INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  heartbeat INTEGER NOT NULL,
  check_at INTEGER NOT NULL,
  cancel_at INTEGER,
  executor TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX lease_check ON lease (check_at);

CREATE TABLE task_need (
  task TEXT NOT NULL,
  need TEXT NOT NULL,
  met INTEGER NOT NULL,
  PRIMARY KEY (task, need)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_need_need ON task_need (need, task);

CREATE TABLE fan_out (
  kind TEXT NOT NULL,
  task TEXT NOT NULL,
  after TEXT NOT NULL,
  PRIMARY KEY (kind, task)
) STRICT, WITHOUT ROWID;

CREATE TABLE path_lock (
  task TEXT NOT NULL,
  glob TEXT NOT NULL,
  mode TEXT NOT NULL,
  prefix TEXT NOT NULL,
  suffix TEXT NOT NULL,
  PRIMARY KEY (task, glob, mode)
) STRICT, WITHOUT ROWID;
CREATE INDEX path_lock_prefix ON path_lock (prefix);
CREATE INDEX path_lock_suffix ON path_lock (suffix);

CREATE TABLE lock_wait (
  task TEXT NOT NULL,
  holder TEXT NOT NULL,
  glob TEXT NOT NULL,
  rank INTEGER NOT NULL,
  PRIMARY KEY (task, holder)
) STRICT, WITHOUT ROWID;
CREATE INDEX lock_wait_holder ON lock_wait (holder, rank);

CREATE TABLE attempt (
  task TEXT NOT NULL,
  fence INTEGER NOT NULL,
  id TEXT NOT NULL,
  number INTEGER NOT NULL,
  ai TEXT,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  outcome TEXT,
  failure TEXT,
  landing TEXT,
  data TEXT NOT NULL,
  PRIMARY KEY (task, fence)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_running ON attempt (ai) WHERE outcome IS NULL AND ai IS NOT NULL;
`,
  },
  {
    name: 'attempts by AI',
    sql: `
CREATE INDEX attempt_of_ai ON attempt (ai, started_at DESC, id DESC) WHERE ai IS NOT NULL;
`,
  },
  {
    name: 'attempts by their end',
    sql: `
CREATE INDEX attempt_ended ON attempt (finished_at, id);
`,
  },
];
