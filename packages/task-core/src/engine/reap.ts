import type { RetryPolicy } from '../retry.js';
import type { FanOutOutcome } from '../store.js';
import type { Failure, Task } from '../task.js';
import { afterFailure } from './next-state.js';
import { closeAttempt, endLease } from './settle.js';
import type { Tables } from './tables.js';
import { toTask } from './view.js';

/** How many leases one transaction ends. */
const REAP_CHUNK = 64;

/** Ends leases past their time. A task that had not started goes back as if never claimed. */
export function reapExpired(
  tables: Tables,
  { now, policy, tell }: { now: number; policy: RetryPolicy; tell(told: FanOutOutcome): void },
): Task[] {
  return tables.expiredTasks(now, REAP_CHUNK).map((record) => {
    const failure: Failure = { class: 'lease_lost', message: `The lease of ${record.lease?.holder} ran out.` };
    const after = { ...afterFailure(record, failure, now, policy), outcome: 'lost' as const };
    const next = record.status === 'running' ? after : { ...after, failure: record.failure };
    const cancelled = { ...next, status: 'cancelled' as const, blockedBy: [] };
    const told = endLease(tables, record, record.lease?.cancelAt ? cancelled : next, now);
    tell({ kind: 'lock', task: record.id, ...told });
    closeAttempt(tables, record, next, {}, now);
    return toTask(tables, record);
  });
}
