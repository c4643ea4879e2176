import type { LeaseRecord } from '../engine/record.js';
import type { Tables } from '../engine/tables.js';
import type { ChangeLog } from './change-log.js';
import { copyJson } from './copy-json.js';
import { createOrderIndex, take } from './indexes.js';
import { createRows } from './rows.js';
import { type TaskRow, type TaskRows, toRecord } from './task-table.js';

type LeaseTable = Pick<Tables, 'saveLease' | 'dropLease' | 'expiredTasks' | 'renewLeases'>;

interface LeaseRow {
  task: string;
  seq: number;
  lease: LeaseRecord;
}

export type LeaseRows = ReturnType<typeof createLeaseRows>;

export function createLeaseRows(log: ChangeLog) {
  const byEnd = createOrderIndex<LeaseRow>((a, b) => a.lease.expiresAt - b.lease.expiresAt || a.seq - b.seq);
  return { leases: createRows<LeaseRow>('lease', (row) => row.task, log, [byEnd]), byEnd };
}

export function createLeaseTable(rows: TaskRows & LeaseRows): LeaseTable {
  const { tasks, leases, byEnd } = rows;
  return {
    saveLease({ id, seq, lease }) {
      if (lease) leases.set({ task: id, seq, lease: copyJson(lease) });
    },
    dropLease: (task) => leases.remove(task),
    expiredTasks: (now, limit) =>
      take(byEnd.rows.from(), limit)
        .filter(({ lease }) => lease.expiresAt <= now)
        .map(({ task }) => toRecord(rows, tasks.get(task) as TaskRow)),
    renewLeases: (renewals, now) =>
      renewals.map(({ task, digest, ttlMs: given }) => {
        const row = leases.get(task);
        if (row?.lease.digest !== digest) return 'lost';
        const ttlMs = given ?? row.lease.ttlMs;
        const expiresAt = now + ttlMs;
        leases.set({ ...row, lease: { ...row.lease, ttlMs, expiresAt, heartbeatAt: now } });
        return row.lease.cancelAt === null ? 'renewed' : 'cancel';
      }),
  };
}
