import type { Recorder } from '@signalbox/kernel';
import { eventsOf, type TaskEvent } from '../events.js';
import { DEFAULT_RETRY_POLICY } from '../retry.js';
import type { ClaimManyOutcome, ClaimOutcome, FanOutOutcome, TaskStore } from '../store.js';
import type { Task } from '../task.js';
import { type ClaimContext, type ClaimStep, claimMany, claimTask } from './claim.js';
import { listEnded } from './ended-attempts.js';
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
import { continueFanOut, FAN_OUT_CHUNK, wakeDue } from './wake.js';

export interface TaskStoreParts {
  tables: Tables;
  reads: Reads;
  writer: Writer;
  journal: EntrySink;
}

const WAKES = Math.ceil(1_000 / FAN_OUT_CHUNK);

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

  /** What a transaction tells besides its outcome, until it is committed. */
  const tell = (told: FanOutOutcome | null, events: TaskEvent[]): boolean => {
    if (!told) return false;
    if (told.woken.length + told.failed.length > 0) journal.append(recordFanOut(told));
    events.push(...eventsOf.fanOut(told));
    return true;
  };

  const transaction = async <T>(work: (now: number, besides: TaskEvent[]) => T) => {
    const { outcome, besides } = await writer.run(() => {
      const events: TaskEvent[] = [];
      return { outcome: work(clock.now(), events), besides: events };
    });
    emit(besides);
    return outcome;
  };

  const tellRest = async (): Promise<void> => {
    while (halfTold) {
      await transaction((now, besides) => {
        // Set in here: the next job of the same turn may leave another event half told.
        halfTold = tell(continueFanOut(tables, now), besides);
      });
    }
  };

  /** One transaction, then those that tell the rest to whom it concerns. */
  const change = async <T>(
    record: Recorder<T>,
    events: (outcome: T) => readonly TaskEvent[],
    work: (now: number, besides: TaskEvent[]) => T,
  ): Promise<T> => {
    const outcome = await transaction((now, besides) => {
      const made = work(now, besides);
      journal.append(record(made));
      return made;
    });
    emit(events(outcome));
    // The change is committed, and its caller has to hear so: who could not be told now is noted, and told by whoever comes next.
    await tellRest().catch(() => {});
    return outcome;
  };

  const context = (now: number, besides: TaskEvent[]): ClaimContext => ({
    now,
    policy,
    newId: () => ids('att'),
    tell: (told) => void tell(told, besides),
    wakeDue: () => void tell(wakeDue(tables, now), besides),
    tellMore: () => tell(continueFanOut(tables, now), besides),
  });

  const claim = async (request: Parameters<TaskStore['claim']>[0], record: Recorder<ClaimOutcome>) => {
    const before = { expired: [] as Task[], parked: [] as Task[] };
    for (;;) {
      const { more, ...outcome } = await change<ClaimStep>(record, eventsOf.claim, (now, besides) =>
        claimTask(tables, request, context(now, besides)),
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
      // As many as a page can show; a claim wakes the rest.
      for (let part = 0; filter.ready && part < WAKES && tables.due(clock.now()).wakes; part++) {
        await transaction((now, besides) => tell(wakeDue(tables, now), besides));
      }
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
          (now, besides) => claimMany(tables, request, count - all.claimed.length, context(now, besides)),
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
        const more = await change(record, eventsOf.reap, (now, besides) => reapExpired(tables, context(now, besides)));
        if (more.length === 0) break;
        reaped.push(...more);
      }
      return reaped;
    },
    dependents: async (id) => reads.dependents(id),
    held: async () => reads.held(),
    attempts: async (task) => reads.attempts(task),
    attemptsOf: async (ai, limit) => reads.attemptsOf(ai, limit),
    endedAttempts: async (filter = {}) => listEnded(reads, filter),
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
