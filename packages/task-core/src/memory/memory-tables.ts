import type { Reads } from '../engine/ports.js';
import type { Tables } from '../engine/tables.js';
import { createAttemptRows, createAttemptTable } from './attempt-table.js';
import { type ChangeLog, createChangeLog } from './change-log.js';
import { createLeaseRows, createLeaseTable } from './lease-table.js';
import { createLockRows, createLockTable } from './lock-table.js';
import { createNeedRows, createNeedTable } from './need-table.js';
import { createReads } from './reads.js';
import type { Rows } from './rows.js';
import { createTaskRows, createTaskTable } from './task-table.js';

export interface MemoryTables {
  tables: Tables;
  reads: Reads;
  log: ChangeLog;
  /** Everything that is kept, by the name of its kind: for writing it down and reading it back. */
  kinds: readonly Rows<unknown>[];
}

export function createMemoryTables(): MemoryTables {
  const log = createChangeLog();
  const rows = {
    ...createTaskRows(log),
    ...createLeaseRows(log),
    ...createNeedRows(log),
    ...createLockRows(log),
    ...createAttemptRows(log),
  };
  const tables: Tables = {
    ...createTaskTable(rows),
    ...createLeaseTable(rows),
    ...createNeedTable(rows),
    ...createLockTable(rows),
    ...createAttemptTable(rows),
  };
  const { specs, tasks, leases, needs, fanOuts, locks, waits, attempts } = rows;
  const kinds = [
    specs,
    tasks,
    leases,
    needs,
    fanOuts,
    locks,
    waits,
    attempts,
  ] as readonly unknown[] as readonly Rows<unknown>[];
  return { tables, reads: createReads(rows, tables), log, kinds };
}

export type AllRows = ReturnType<typeof createTaskRows> &
  ReturnType<typeof createLeaseRows> &
  ReturnType<typeof createNeedRows> &
  ReturnType<typeof createLockRows> &
  ReturnType<typeof createAttemptRows>;
