import { isoTime, type JsonObject } from '@signalbox/kernel';
import type { RetryPolicy } from '../retry.js';
import type { FenceRef, LeaseRef, Settlement, SettleOutcome } from '../store.js';
import type { Attempt, Block, Task } from '../task.js';
import { findHeld } from './hold.js';
import { findNeeds, isMet, placeAbove } from './needs.js';
import { type NextState, nextState } from './next-state.js';
import { put } from './put.js';
import type { TaskRecord } from './record.js';
import type { Tables } from './tables.js';
import { toTask, wrongState } from './view.js';
import { fanOut, wakeIfFree } from './wake.js';

/** Tasks that a change set free, or made fail. */
export interface Told {
  woken: Task[];
  failed: Task[];
}

export interface Settling {
  settlement: Settlement;
  /** Added to what the attempt remembers. */
  data: JsonObject;
  policy: RetryPolicy;
}

export function settleTask(tables: Tables, ref: LeaseRef | FenceRef, how: Settling, now: number): SettleOutcome {
  const held = findHeld(tables, ref);
  if ('lost' in held) return held.lost;
  const { record } = held;
  if (how.settlement.kind === 'done' && record.status !== 'running') {
    throw wrongState(
      record,
      'it has not been started, so it cannot be done',
      'Start it first with `signalbox task start`.',
    );
  }
  const next = nextState(record, how.settlement, now, how.policy);
  const told = endLease(tables, record, next, now);
  const attempt = closeAttempt(tables, record, next, how.data, now);
  return { status: 'settled', task: toTask(tables, record), attempt, ...told };
}

/** Ends the lease, moves the task, lets go of its locks, and tells those who waited for any of it. */
export function endLease(tables: Tables, record: TaskRecord, next: NextState, now: number): Told {
  if (!next.spent && record.status === 'running') record.attempt -= 1;
  record.status = next.status;
  record.failure = next.failure;
  record.notBefore = next.notBefore;
  record.lease = null;
  tables.dropLease(record.id);
  if (next.status !== 'queued' && next.status !== 'blocked') record.finishedAt = now;
  record.blocks = next.status === 'blocked' ? keepWaits(tables, record, next.blockedBy, now) : [];
  if (record.spec.locks.length > 0) tables.dropLocks(record.id);
  put(tables, record, now);
  // A block whose reasons are all gone already (the lock freed meanwhile) must not outlive them.
  wakeIfFree(tables, record, now);
  return tellOthers(tables, record, now);
}

/** Wakes who waited for the locks of a task, and once it has ended, for the task. */
export function tellOthers(tables: Tables, record: TaskRecord, now: number): Told {
  const told: Told = { woken: [], failed: [] };
  const awaited = tables.awaited(record.id);
  const kinds = [
    ...(awaited.locks ? (['lock'] as const) : []),
    ...(awaited.end && record.finishedAt !== null ? (['need'] as const) : []),
  ];
  for (const kind of kinds) {
    const { woken, failed } = fanOut(tables, kind, record.id, now);
    told.woken.push(...woken);
    told.failed.push(...failed);
  }
  return told;
}

/**
 * Turns the reasons that others can end into what ends them: waits for a holder, needs. Returns the rest. A dependency that
 * would close a cycle throws `DEPENDENCY_CYCLE`, one on nothing `UNKNOWN_NEED`.
 */
function keepWaits(tables: Tables, record: TaskRecord, blockedBy: readonly Block[], now: number): Block[] {
  const rest: Block[] = [];
  for (const block of blockedBy) {
    if (block.kind === 'lock') {
      if (tables.findTask(block.task)?.lease && block.task !== record.id) {
        tables.addWait({ task: record.id, holder: block.task, glob: block.glob, rank: record.rank });
      }
    } else if (block.kind === 'dependency') {
      addNeeds(tables, record, [block.task]);
    } else if (block.kind !== 'quota' || Date.parse(block.until) > now) {
      rest.push(block);
    }
  }
  return rest;
}

/** Adds needs to a task that is there already. Throws `UNKNOWN_NEED` and `DEPENDENCY_CYCLE`. */
export function addNeeds(tables: Tables, record: TaskRecord, needs: readonly string[]): void {
  const added = [...new Set(needs)].filter((need) => !record.spec.needs.includes(need));
  for (const id of added) {
    // Looked up one by one, since to place one can move the others.
    const [need] = findNeeds(tables, record.id, [id]) as [TaskRecord];
    placeAbove(tables, record, need);
    const met = isMet(need.status, record.spec.onNeedFailure);
    tables.addNeed(record.id, need.id, met);
    if (!met) record.unmet += 1;
    record.spec = { ...record.spec, needs: [...record.spec.needs, need.id] };
  }
  if (added.length > 0) tables.saveSpec(record);
}

export function closeAttempt(
  tables: Tables,
  record: TaskRecord,
  next: Pick<NextState, 'outcome' | 'attemptFailure'>,
  data: JsonObject,
  now: number,
): Attempt | null {
  const attempt = tables.attemptAt(record.id, record.fence);
  if (!attempt) return null;
  const { outcome, attemptFailure: failure } = next;
  const closed = { ...attempt, finishedAt: isoTime(now), outcome, failure, data: { ...attempt.data, ...data } };
  tables.saveAttempt(closed);
  return closed;
}
