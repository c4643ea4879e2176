import type { Journal } from '@signalbox/kernel';
import { migrate, type SqlDatabase } from '@signalbox/kernel/sqlite';
import type { TaskStoreOptions } from '../engine/ports.js';
import type { Tables } from '../engine/tables.js';
import { createTaskStore } from '../engine/task-store.js';
import type { TaskStore } from '../store.js';
import { createAttemptTable } from './attempt-table.js';
import { createGroupWriter } from './group-commit.js';
import { createLeaseTable } from './lease-table.js';
import { createLockTable } from './lock-table.js';
import { migrations } from './migrations.js';
import { createNeedTable } from './need-table.js';
import { createReads } from './query.js';
import { createTaskTable } from './task-table.js';

export interface SqliteTaskStoreEnv extends TaskStoreOptions {
  /** Where what the operations record goes, in the same transaction. */
  journal: Journal;
}

/** Opens the queue in `db`, bringing its tables up to date. */
export function openSqliteTaskStore(db: SqlDatabase, env: SqliteTaskStoreEnv): TaskStore {
  migrate(db, 'task-core', migrations);
  const tables: Tables = {
    ...createTaskTable(db),
    ...createLeaseTable(db),
    ...createNeedTable(db),
    ...createLockTable(db),
    ...createAttemptTable(db),
  };
  return createTaskStore(
    {
      tables,
      reads: createReads(db, tables),
      writer: createGroupWriter(db),
      journal: { append: (entries) => env.journal.append(entries, db) },
    },
    env,
  );
}
