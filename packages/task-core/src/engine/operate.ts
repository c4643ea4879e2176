import { TaskError } from '../errors.js';
import type { CancelOutcome, RequeueOutcome } from '../store.js';
import type { Block } from '../task.js';
import { put } from './put.js';
import type { TaskRecord } from './record.js';
import { closeAttempt, endLease, tellOthers } from './settle.js';
import type { Tables } from './tables.js';
import { mustFind, toTask, wrongState } from './view.js';
import { wakeIfFree } from './wake.js';

/** For an operator: breaks a lease, clears a wait for a person, or starts a failed task afresh. */
export function requeueTask(tables: Tables, id: string, now: number): RequeueOutcome {
  const record = mustFind(tables, id);
  switch (record.status) {
    case 'queued':
      return { changed: false, task: toTask(tables, record), woken: [] };
    case 'claimed':
    case 'running': {
      const { woken } = breakLease(tables, record, 'queued', 'An operator broke the lease.', now);
      return { changed: true, task: toTask(tables, record), woken };
    }
    case 'blocked':
      if (record.blocks.length === 0) return { changed: false, task: toTask(tables, record), woken: [] };
      return { changed: true, task: setFree(tables, record, () => true, now), woken: [] };
    case 'failed':
      return { changed: true, task: setFree(tables, record, () => true, now), woken: [] };
    default:
      throw new TaskError({
        code: 'NOT_REQUEUABLE',
        message: `${id} is ${record.status} and stays so.`,
        hint: 'Create a new task for what is still to be done.',
      });
  }
}

/** Starts a failed task afresh, with all its attempts. Throws `WRONG_STATE` for any other. */
export function retryTask(tables: Tables, id: string, now: number): RequeueOutcome {
  const record = mustFind(tables, id);
  if (record.status !== 'failed') {
    throw wrongState(record, 'only a failed task can be retried', 'Requeue one that is held or blocked.');
  }
  return { changed: true, task: setFree(tables, record, () => true, now), woken: [] };
}

/** Drops the reasons for a block that `which` picks; others, unmet needs and locks in the way remain. */
export function unblockTask(tables: Tables, id: string, which: (block: Block) => boolean, now: number): RequeueOutcome {
  const record = mustFind(tables, id);
  const changed = record.status === 'blocked' && record.blocks.some(which);
  const task = changed ? setFree(tables, record, which, now) : toTask(tables, record);
  return { changed, task, woken: task.status === 'queued' && changed ? [task] : [] };
}

function setFree(tables: Tables, record: TaskRecord, which: (block: Block) => boolean, now: number) {
  if (record.status === 'failed') record.attempt = 0;
  record.status = 'blocked';
  record.blocks = record.blocks.filter((block) => !which(block));
  record.finishedAt = null;
  if (!wakeIfFree(tables, record, now)) put(tables, record, now);
  return toTask(tables, record);
}

/**
 * Cancels a task at once unless it runs: then its holder is told with the next heartbeat, and it is cancelled when the
 * holder settles or its lease ends. With `force` the lease is broken instead. Throws `WRONG_STATE` for one that has ended.
 */
export function cancelTask(tables: Tables, id: string, force: boolean, now: number): CancelOutcome {
  const record = mustFind(tables, id);
  switch (record.status) {
    case 'cancelled':
      return { status: 'cancelled', changed: false, task: toTask(tables, record), woken: [], failed: [] };
    case 'done':
    case 'failed':
      throw wrongState(record, 'it has ended and cannot be cancelled', 'There is nothing left to stop.');
    case 'running':
      if (!force) return askToStop(tables, record, now);
      break;
    default:
  }
  if (record.lease) {
    const told = breakLease(tables, record, 'cancelled', 'An operator cancelled the task.', now);
    return { status: 'cancelled', changed: true, task: toTask(tables, record), ...told };
  }
  record.status = 'cancelled';
  record.finishedAt = now;
  record.blocks = [];
  tables.dropWaits(id);
  put(tables, record, now);
  const told = tellOthers(tables, record, now);
  return { status: 'cancelled', changed: true, task: toTask(tables, record), ...told };
}

function askToStop(tables: Tables, record: TaskRecord, now: number): CancelOutcome {
  const { lease } = record;
  const changed = lease !== null && lease.cancelAt === null;
  if (changed) {
    record.lease = { ...lease, cancelAt: now };
    tables.saveLease(record);
    put(tables, record, now);
  }
  return { status: 'requested', changed, task: toTask(tables, record), woken: [], failed: [] };
}

function breakLease(tables: Tables, record: TaskRecord, status: 'queued' | 'cancelled', message: string, now: number) {
  const attemptFailure = { class: 'lease_lost', message } as const;
  const next = { outcome: 'lost', attemptFailure, failure: record.failure, spent: false, notBefore: null } as const;
  const told = endLease(tables, record, { ...next, status, blockedBy: [] }, now);
  closeAttempt(tables, record, next, {}, now);
  return told;
}
