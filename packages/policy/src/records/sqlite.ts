import type { Clock, Ids, Journal } from '@signalbox/kernel';
import { migrate, type SqlDatabase } from '@signalbox/kernel/sqlite';
import { createKeyedDigest } from './keyed-digest.js';
import { MIGRATIONS } from './migrations.js';
import { sqliteApprovals } from './sqlite-approvals.js';
import { sqliteOverrides } from './sqlite-overrides.js';
import { sqliteTexts } from './sqlite-texts.js';
import type { PolicyRecords } from './store.js';

export interface RecordsEnv {
  clock: Clock;
  ids: Ids;
  journal: Journal;
}

/** Opens the approvals, overrides and kept policy texts in a SQLite file, creating their tables if there are none. Throws `STORE_NEWER`. */
export function openSqlitePolicyRecords(db: SqlDatabase, env: RecordsEnv): PolicyRecords {
  migrate(db, 'policy', MIGRATIONS);
  return {
    keyedDigest: createKeyedDigest(db),
    texts: sqliteTexts(db, env),
    approvals: sqliteApprovals(db, env),
    overrides: sqliteOverrides(db, env),
  };
}
