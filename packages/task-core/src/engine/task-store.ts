import type { Recorder } from '@signalbox/kernel';
import { eventsOf, type TaskEvent } from '../events.js';
import { DEFAULT_RETRY_POLICY } from '../retry.js';
import type { ClaimManyOutcome, ClaimOutcome, TaskStore } from '../store.js';
import type { Task } from '../task.js';
import { type ClaimContext, type ClaimStep, claimMany, claimTask } from './claim.js';
import { enqueueTask } from './enqueue.js';
import { enqueueMany } from './enqueue-many.js';
import { createHeartbeats } from './heartbeats.js';
import { addLock, assertTtl, startTask, writeLandingIntent } from './hold.js';
import { cancelTask, requeueTask, retryTask, unblockTask } from './operate.js';
import type { EntrySink, Reads, TaskStoreOptions, Writer } from './ports.js';
import { reapExpired } from './reap.js';
import { resolveId } from './resolve-id.js';
import { settleTask } from './settle.js';
import type { Tables } from './tables.js';
import { updateTask } from './update.js';
import { continueFanOut, wakeDue } from './wake.js';

export interface TaskStoreParts {
  tables: Tables;
  reads: Reads;
  writer: Writer;
  journal: EntrySink;
}

/** The queue over any {@link Tables}: every operation is one transaction that joins the change and its record. */
export function createTaskStore(parts: TaskStoreParts, options: TaskStoreOptions): TaskStore {
  const { reads, writer, journal } = parts;
  const { clock, ids, retryPolicy: policy = DEFAULT_RETRY_POLICY, recordFanOut = () => [] } = options;
  const listeners = new Set<(event: TaskEvent) => void>();
  let halfTold = false;
  const tables: Tables = {
    ...parts.tables,
    saveFanOut(fanOut) {
      halfTold = true;
      parts.tables.saveFanOut(fanOut);
    },
  };

  const emit = (events: readonly TaskEvent[]): void => {
    for (const event of events) for (const listener of listeners) hand(event, listener);
  };

  /** Tells the next part of a half told event. Inside a transaction. */
  const tellMore = (now: number): TaskEvent[] | null => {
    const told = continueFanOut(tables, now);
    if (!told) return null;
    journal.append(recordFanOut(told));
    return eventsOf.fanOut(told);
  };

  /** One transaction, then those that tell the rest to whom it concerns. */
  const change = async <T>(
    record: Recorder<T>,
    events: (outcome: T) => readonly TaskEvent[],
    work: (now: number) => T,
  ): Promise<T> => {
    const outcome = await writer.run(() => {
      const made = work(clock.now());
      journal.append(record(made));
      return made;
    });
    emit(events(outcome));
    while (halfTold) {
      const told = await writer.run(() => tellMore(clock.now()));
      if (told) emit(told);
      else halfTold = false;
    }
    return outcome;
  };

  const context = (now: number): ClaimContext => ({
    ...{ now, policy, newId: () => ids('att'), tellMore: () => tellMore(now) !== null },
  });

  const claim = async (request: Parameters<TaskStore['claim']>[0], record: Recorder<ClaimOutcome>) => {
    const before = { expired: [] as Task[], parked: [] as Task[] };
    for (;;) {
      const { more, ...outcome } = await change<ClaimStep>(record, eventsOf.claim, (now) =>
        claimTask(tables, request, context(now)),
      );
      before.expired.push(...outcome.expired);
      before.parked.push(...outcome.parked);
      if (!more) return { ...outcome, ...before } as ClaimOutcome;
    }
  };

  const heartbeats = createHeartbeats(tables, writer, journal, clock);

  return {
    create: (spec, createdBy, record) =>
      change(
        (outcome) => (outcome.created ? record(outcome) : []),
        eventsOf.create,
        (now) => enqueueTask(tables, spec, { id: ids('tsk'), now, createdBy }),
      ),
    enqueueMany: (drafts, createdBy, record) =>
      change(
        record,
        (outcomes) => outcomes.flatMap(eventsOf.create),
        (now) => enqueueMany(tables, drafts, { newId: () => ids('tsk'), now, createdBy }),
      ),
    update: (id, patch, record, expectedVersion) =>
      change(record, eventsOf.update, (now) => updateTask(tables, id, patch, expectedVersion, now)),
    get: async (id) => reads.get(id),
    resolve: async (prefix) => resolveId(reads, prefix),
    list: async (filter = {}) => {
      if (filter.ready && tables.due(clock.now()).wakes) await writer.run(() => wakeDue(tables, clock.now()));
      return reads.list(filter);
    },
    counts: async () => reads.counts(),
    claim,
    claimMany: async (request, count, record) => {
      const all: ClaimManyOutcome = { claimed: [], expired: [], parked: [] };
      for (;;) {
        const { more, claimed, expired, parked } = await change<ReturnType<typeof claimMany>>(
          (outcome) => record(withoutMore(outcome)),
          eventsOf.claimMany,
          (now) => claimMany(tables, request, count - all.claimed.length, context(now)),
        );
        all.claimed.push(...claimed);
        all.expired.push(...expired);
        all.parked.push(...parked);
        if (!more) return all;
      }
    },
    start: (ref, attempt, record) => change(record, eventsOf.start, (now) => startTask(tables, ref, attempt, now)),
    heartbeat: async (ref, record, ttlMs) => {
      if (ttlMs !== undefined) assertTtl(ttlMs);
      const outcome = await heartbeats.beat(ref, record, ttlMs ?? null);
      if (outcome.status === 'lease_lost') emit(eventsOf.lost(outcome));
      return outcome;
    },
    addLock: (ref, lock, record) => change(record, eventsOf.addLock, (now) => addLock(tables, ref, lock, now)),
    intendLanding: (ref, intent, record) =>
      change(
        record,
        () => [],
        () => writeLandingIntent(tables, ref, intent),
      ),
    settle: (ref, settlement, data, record) =>
      change(record, eventsOf.settle, (now) => settleTask(tables, ref, { settlement, data, policy }, now)),
    settleMany: (items, record) =>
      change(
        record,
        (outcomes) => outcomes.flatMap(eventsOf.settle),
        (now) =>
          items.map(({ ref, settlement, data = {} }) => settleTask(tables, ref, { settlement, data, policy }, now)),
      ),
    cancel: (id, record, { force = false } = {}) =>
      change(
        (outcome) => (outcome.changed ? record(outcome) : []),
        eventsOf.cancel,
        (now) => cancelTask(tables, id, force, now),
      ),
    retry: (id, record) => change(record, eventsOf.requeue, (now) => retryTask(tables, id, now)),
    unblock: (id, which, record) =>
      change(
        (outcome) => (outcome.changed ? record(outcome) : []),
        eventsOf.unblock,
        (now) => unblockTask(tables, id, which, now),
      ),
    requeue: (id, record) =>
      change(
        (outcome) => (outcome.changed ? record(outcome) : []),
        eventsOf.requeue,
        (now) => requeueTask(tables, id, now),
      ),
    reap: async (record) => {
      const reaped: Task[] = [];
      while (tables.due(clock.now()).leases) {
        const more = await change(record, eventsOf.reap, (now) => reapExpired(tables, now, policy));
        if (more.length === 0) break;
        reaped.push(...more);
      }
      return reaped;
    },
    dependents: async (id) => reads.dependents(id),
    held: async () => reads.held(),
    attempts: async (task) => reads.attempts(task),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function withoutMore({ claimed, expired, parked }: ClaimManyOutcome): ClaimManyOutcome {
  return { claimed, expired, parked };
}

/** The change is committed, so what a listener throws is not its caller's: it is thrown on its own, as an EventTarget does. */
function hand(event: TaskEvent, listener: (event: TaskEvent) => void): void {
  try {
    listener(event);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
