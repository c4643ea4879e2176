import type { FanOutOutcome } from '../store.js';
import type { PathLock, Task } from '../task.js';
import { locksConflict } from './known-glob.js';
import { put, quotaEnd } from './put.js';
import type { TaskRecord } from './record.js';
import type { FanOut, Tables } from './tables.js';
import { toTask } from './view.js';

/** How many tasks one transaction tells of an event: about 5 ms of the writer's time. More are told in the next. */
export const FAN_OUT_CHUNK = 128;

/** Queues a blocked task if no reason is left. Returns whether it did; the record is saved if so. */
export function wakeIfFree(tables: Tables, record: TaskRecord, now: number): boolean {
  if (record.status !== 'blocked' || record.unmet > 0 || record.blocks.length > 0) return false;
  if (tables.waitsOf(record.id).length > 0) return false;
  record.status = 'queued';
  put(tables, record, now);
  return true;
}

/** Looks at the tasks whose delay or quota has ended: a part of them, when there are very many. */
export function wakeDue(tables: Tables, now: number): FanOutOutcome {
  const woken: Task[] = [];
  for (const record of tables.dueTasks(now, FAN_OUT_CHUNK)) {
    if (record.status === 'queued') {
      // Nothing that can be seen changes, so neither does the version.
      record.ready = true;
      record.wakeAt = null;
      tables.saveTask(record);
      continue;
    }
    record.blocks = record.blocks.filter((block) => (quotaEnd(block) ?? Number.POSITIVE_INFINITY) > now);
    if (wakeIfFree(tables, record, now)) woken.push(toTask(tables, record));
    else put(tables, record, now);
  }
  return { kind: 'time', task: null, woken, failed: [] };
}

/** Begins to tell of an event. What does not fit into this transaction is noted, and told by `continueFanOut`. */
export function fanOut(tables: Tables, kind: FanOut['kind'], task: string, now: number): FanOutOutcome {
  return step(tables, { kind, task, after: '' }, false, now);
}

/** Tells the next part of an event that was noted. Null if there is none. */
export function continueFanOut(tables: Tables, now: number): FanOutOutcome | null {
  const [pending] = tables.fanOuts(1);
  return pending ? step(tables, pending, true, now) : null;
}

function step(tables: Tables, event: FanOut, noted: boolean, now: number): FanOutOutcome {
  const outcome: FanOutOutcome = { kind: event.kind, task: event.task, woken: [], failed: [] };
  const more =
    event.kind === 'need' ? tellDependents(tables, event, outcome, now) : tellWaiters(tables, event, outcome, now);
  if (more !== null) tables.saveFanOut({ ...event, after: more });
  else if (noted) tables.endFanOut(event);
  return outcome;
}

/** Counts an ended need off its dependents. Returns the last one told if there may be more. */
function tellDependents(tables: Tables, event: FanOut, outcome: FanOutOutcome, now: number): string | null {
  const status = tables.findTask(event.task)?.status;
  if (status !== 'done' && status !== 'failed' && status !== 'cancelled') return null;
  const ids = tables.dependents(event.task, event.after, FAN_OUT_CHUNK);
  for (const id of ids) {
    const record = tables.findTask(id);
    if (record) tellDependent(tables, record, event.task, status, outcome, now);
  }
  return ids.length < FAN_OUT_CHUNK ? null : (ids.at(-1) as string);
}

function tellDependent(
  tables: Tables,
  record: TaskRecord,
  need: string,
  status: 'done' | 'failed' | 'cancelled',
  outcome: FanOutOutcome,
  now: number,
): void {
  const { onNeedFailure } = record.spec;
  if (status === 'done' || onNeedFailure === 'ignore') {
    tables.addNeed(record.id, need, true);
    record.unmet -= 1;
    if (wakeIfFree(tables, record, now)) outcome.woken.push(toTask(tables, record));
    else if (record.status === 'blocked') put(tables, record, now);
    else tables.saveTask(record);
  } else if (onNeedFailure === 'fail' && record.status === 'blocked') {
    failForNeed(record, need, status, now);
    tables.dropWaits(record.id);
    put(tables, record, now);
    outcome.failed.push(toTask(tables, record));
    tables.saveFanOut({ kind: 'need', task: record.id, after: '' });
    tables.saveFanOut({ kind: 'lock', task: record.id, after: '' });
  }
}

export function failForNeed(record: TaskRecord, need: string, status: string, now: number): void {
  record.status = 'failed';
  record.failure = {
    class: 'need_failed',
    message: `${need}, which it needs, ${status === 'failed' ? 'failed' : 'was cancelled'}.`,
  };
  record.blocks = [];
  record.finishedAt = now;
}

/**
 * Tells those who wait for `event.task` that it is out of the way, first in line first. One that would lose to another
 * woken now waits for that one instead: waking a thousand waiters for one lock would only park 999 of them again.
 */
function tellWaiters(tables: Tables, event: FanOut, outcome: FanOutOutcome, now: number): string | null {
  const ids = tables.waitersOf(event.task, FAN_OUT_CHUNK);
  const next: TaskRecord[] = [];
  for (const id of ids) {
    tables.dropWaits(id, event.task);
    const record = tables.findTask(id);
    if (record?.status !== 'blocked' || tables.waitsOf(id).length > 0) continue;
    const before = record.unmet === 0 && record.blocks.length === 0 ? firstInWay(next, record) : null;
    if (before) tables.addWait({ task: id, holder: before.task.id, glob: before.glob, rank: record.rank });
    else if (wakeIfFree(tables, record, now)) {
      // One that has a delay of its own holds nobody up meanwhile.
      if (record.ready) next.push(record);
      outcome.woken.push(toTask(tables, record));
    }
  }
  return ids.length < FAN_OUT_CHUNK ? null : event.task;
}

function firstInWay(next: readonly TaskRecord[], record: TaskRecord): { task: TaskRecord; glob: string } | null {
  for (const task of next) {
    const glob = overlapOf(task.spec.locks, record.spec.locks);
    if (glob !== null) return { task, glob };
  }
  return null;
}

/** The first of `held` that is in the way of one of `wanted`. */
function overlapOf(held: readonly PathLock[], wanted: readonly PathLock[]): string | null {
  return held.find((one) => wanted.some((other) => locksConflict(one, other)))?.glob ?? null;
}
