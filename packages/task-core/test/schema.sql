CREATE TABLE attempt (
  id TEXT PRIMARY KEY,
  task TEXT NOT NULL,
  number INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  ai TEXT,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  outcome TEXT,
  failure TEXT,
  landing TEXT,
  data TEXT NOT NULL
) STRICT;

CREATE INDEX attempt_running ON attempt (ai) WHERE outcome IS NULL;

CREATE INDEX attempt_task ON attempt (task, fence);

CREATE TABLE lock_wait (
  task TEXT NOT NULL,
  holder TEXT NOT NULL,
  glob TEXT NOT NULL,
  PRIMARY KEY (task, holder)
) STRICT, WITHOUT ROWID;

CREATE INDEX lock_wait_holder ON lock_wait (holder);

CREATE TABLE path_lock (
  task TEXT NOT NULL,
  glob TEXT NOT NULL,
  mode TEXT NOT NULL,
  PRIMARY KEY (task, glob, mode)
) STRICT, WITHOUT ROWID;

CREATE TABLE task (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  spec TEXT NOT NULL,
  status TEXT NOT NULL,
  ready INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  not_before INTEGER,
  unmet INTEGER NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  blocked_by TEXT NOT NULL DEFAULT '[]',
  failure TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  idempotency_key TEXT UNIQUE,
  idempotency_digest TEXT,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  fence INTEGER NOT NULL DEFAULT 0,
  lease_digest TEXT,
  lease_holder TEXT,
  lease_ttl INTEGER,
  lease_expires INTEGER,
  lease_heartbeat INTEGER,
  executor TEXT
) STRICT;

CREATE INDEX task_delayed ON task (not_before) WHERE status = 'queued' AND ready = 0;

CREATE INDEX task_held ON task (lease_expires) WHERE lease_expires IS NOT NULL;

CREATE INDEX task_order ON task (priority DESC, seq);

CREATE INDEX task_ready ON task (priority DESC, seq) WHERE ready = 1;

CREATE INDEX task_status ON task (status, seq);

CREATE TABLE task_need (
  task TEXT NOT NULL,
  need TEXT NOT NULL,
  PRIMARY KEY (task, need)
) STRICT, WITHOUT ROWID;

CREATE INDEX task_need_need ON task_need (need);
