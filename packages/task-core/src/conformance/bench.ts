import assert from 'node:assert/strict';
import { isSignalboxError, type JournalEntry, type JsonObject } from '@signalbox/kernel';
import type { ClaimOutcome, ClaimRequest, FenceRef, LeaseRef, Settlement, SettleOutcome, TaskPage } from '../store.js';
import type { Attempt, Lease, Task } from '../task.js';
import { parseTaskSpec, type TaskSpecInput } from '../task-spec.js';
import type { StoreUnderTest } from './store-under-test.js';

export const MINUTE = 60_000;
/** The lease time of every claim that does not say otherwise. */
export const TTL = 10 * MINUTE;

/** A task that the bench holds. `ref` proves it. */
export interface Held {
  id: string;
  task: Task;
  lease: Lease;
  ref: LeaseRef;
}

/** A store under test with shorthands for what the tests do all the time. */
export interface Bench extends StoreUnderTest {
  add(fields?: Partial<TaskSpecInput>): Promise<Task>;
  claim(request?: Partial<ClaimRequest>): Promise<ClaimOutcome>;
  /** Claims a task, or a new one, and insists on getting it. */
  hold(task?: Task | Partial<TaskSpecInput>, request?: Partial<ClaimRequest>): Promise<Held>;
  /** By the AI `claude`, unless another is named. */
  start(held: Held, ai?: string): Promise<Attempt>;
  /** Claims a task, or a new one, and starts it. */
  run(task?: Task | Partial<TaskSpecInput>, request?: Partial<ClaimRequest>): Promise<Held>;
  settle(ref: LeaseRef | FenceRef, settlement: Settlement, data?: JsonObject): Promise<SettleOutcome>;
  /** The task as it is now. */
  task(id: string): Promise<Task>;
  lastAttempt(id: string): Promise<Attempt>;
  /** Everything that a caller can see, for showing that nothing changed. */
  snapshot(): Promise<unknown>;
}

/** Declares one test over a store of its own. */
export type DeclareTest = (name: string, body: (bench: Bench) => Promise<void>) => void;

/** Records one entry of `kind`, whatever the outcome. */
export function record(kind: string): () => JournalEntry[] {
  return () => [{ kind, actor: 'user:ana', subject: 'queue', data: {} }];
}

/** Fails unless `work` rejects with an error of this code. Returns the details of that error. */
export async function rejects(work: Promise<unknown>, code: string): Promise<unknown> {
  let details: unknown;
  await assert.rejects(work, (error) => {
    assert.ok(isSignalboxError(error), String(error));
    assert.equal(error.code, code);
    details = error.details;
    return true;
  });
  return details;
}

/**
 * Compares two values as the JSON they stand for. A runner may give its test files a realm of their own (jest does), and a
 * strict comparison would tell an array that a native driver made from one that a test made.
 */
export function same(actual: unknown, expected: unknown, message?: string): void {
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify([value]));
  assert.deepEqual(plain(actual), plain(expected), message);
}

export function titles(page: TaskPage): string[] {
  return page.tasks.map((task) => task.title);
}

export function createBench(opened: StoreUnderTest): Bench {
  const { store } = opened;
  let attempts = 0;

  const bench: Bench = {
    ...opened,
    add: async (fields = {}) => {
      const outcome = await store.create(parseTaskSpec({ title: 'A task', ...fields }), 'user:ana', record('created'));
      assert.equal(outcome.created, true);
      return outcome.task;
    },
    claim: (request = {}) => store.claim({ holder: 'user:ana', ttlMs: TTL, ...request }, record('claimed')),
    hold: async (given = {}, request = {}) => {
      const task = 'id' in given ? (given as Task) : await bench.add(given);
      const outcome = await bench.claim({ task: task.id, ...request });
      assert.equal(outcome.status, 'claimed');
      const { lease } = outcome;
      return { id: task.id, task: outcome.task, lease, ref: { task: task.id, lease: lease.id } };
    },
    start: async (held, ai = 'claude') => {
      attempts += 1;
      const outcome = await store.start(
        held.ref,
        { id: `att_${attempts}`, ai, data: { workspace: '/tmp/w', session: null } },
        record('started'),
      );
      assert.equal(outcome.status, 'started');
      return outcome.attempt;
    },
    run: async (given, request) => {
      const held = await bench.hold(given, request);
      await bench.start(held);
      return { ...held, task: await bench.task(held.id) };
    },
    settle: (ref, settlement, data = {}) => store.settle(ref, settlement, data, record('settled')),
    task: async (id) => {
      const task = await store.get(id);
      assert.ok(task, `${id} is there`);
      return task;
    },
    lastAttempt: async (id) => {
      const last = (await store.attempts(id)).at(-1);
      assert.ok(last, `${id} has an attempt`);
      return last;
    },
    snapshot: async () => {
      const { tasks } = await store.list({ sort: 'created', limit: 1_000 });
      const attemptsOf = await Promise.all(tasks.map((task) => store.attempts(task.id)));
      return { tasks, attempts: attemptsOf, held: await store.held(), counts: await store.counts() };
    },
  };
  return bench;
}
