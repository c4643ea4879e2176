import type { Migration } from '@signalbox/kernel/sqlite';

/** Files out there have run these: the list is only ever appended to. */
export const migrations: readonly Migration[] = [
  {
    name: 'ais',
    sql: `
CREATE TABLE ai (
  id TEXT PRIMARY KEY,
  instance TEXT NOT NULL,
  status TEXT NOT NULL,
  last_seen INTEGER
) STRICT, WITHOUT ROWID;
`,
  },
  {
    // Times are milliseconds since the epoch. pause_until is null for a pause without an end.
    name: 'pauses and probes',
    sql: `
ALTER TABLE ai ADD COLUMN pause_reason TEXT;
ALTER TABLE ai ADD COLUMN pause_until INTEGER;
ALTER TABLE ai ADD COLUMN cleared_at INTEGER;
ALTER TABLE ai ADD COLUMN probe TEXT;
`,
  },
];
