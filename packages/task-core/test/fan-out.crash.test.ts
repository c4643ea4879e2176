import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createIds, type Recorder } from '@signalbox/kernel';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { createFakeClock, createTempDir, type FakeClock, type TempDir } from '@signalbox/testkit';
import {
  type FanOutOutcome,
  openFileTaskStore,
  openMemoryTaskStore,
  openSqliteTaskStore,
  type TaskStore,
} from '../src/index.js';
import { parseTaskSpec } from '../src/task-spec.js';

const MANY = 1_500;
const none = () => [];

let dir: TempDir;
let clock: FakeClock;
let close: () => void | Promise<void>;
/** The ids of those told later than in the transaction that ended what they waited for. */
let told: string[];
/** After how many more parts of an event the process is to die. */
let partsLeft: number;

beforeEach(() => {
  dir = createTempDir();
  clock = createFakeClock();
  told = [];
  partsLeft = 2;
});
afterEach(async () => {
  await close();
  dir.remove();
});

const recordFanOut: Recorder<FanOutOutcome> = ({ woken, failed }) => {
  if (partsLeft === 0) throw new Error('It was killed.');
  partsLeft -= 1;
  told.push(...[...woken, ...failed].map(({ id }) => id));
  return [];
};

/** Opens a store; called again it is the same one, as another process would open it. */
const openers: Record<string, () => () => Promise<TaskStore>> = {
  memory() {
    const store = openMemoryTaskStore({ clock, ids: createIds(clock), recordFanOut });
    close = () => {};
    return async () => store;
  },
  SQLite() {
    const db = openSqlite(join(dir.path, 'store.db'));
    close = () => db.close();
    const env = { clock, ids: createIds(clock), journal: { append: () => {} }, recordFanOut };
    return async () => openSqliteTaskStore(db, env);
  },
  file() {
    close = () => {};
    return async () => {
      await close();
      const store = await openFileTaskStore(join(dir.path, 'store'), { clock, ids: createIds(clock), recordFanOut });
      close = () => store.close();
      return store;
    };
  },
};

describe.each(Object.keys(openers))('a process that dies while it tells very many, over %s', (name) => {
  it('leaves the rest to the next claim that finds nothing, which tells each of them once', async () => {
    const open = (openers[name] as () => () => Promise<TaskStore>)();
    let store = await open();
    const { task: hub } = await store.create(parseTaskSpec({ title: 'the hub' }), 'user:ana', none);
    const spec = parseTaskSpec({ title: 'a spoke', needs: [hub.id] });
    const drafts = Array.from({ length: MANY }, () => ({ spec }));
    const spokes = (await store.enqueueMany(drafts, 'user:ana', none)).map(({ task }) => task.id);
    const claim = await store.claim({ holder: 'user:ana', ttlMs: 60_000, start: { ai: null, data: {} } }, none);
    if (claim.status !== 'claimed') throw new Error('no claim');
    const settled = await store.settle({ task: hub.id, lease: claim.lease.id }, { kind: 'done' }, {}, none);
    expect(settled.status).toBe('settled');

    partsLeft = Number.POSITIVE_INFINITY;
    store = await open();
    const before = await store.counts();
    expect(before).toMatchObject({ done: 1 });
    expect(before.blocked).toBeGreaterThan(0);
    const done: string[] = [];
    while (done.length < MANY) {
      const { claimed } = await store.claimMany({ holder: 'user:ana', ttlMs: 60_000 }, 500, none);
      if (claimed.length === 0) break;
      done.push(...claimed.map(({ task }) => task.id));
    }
    expect(done.sort()).toEqual([...spokes].sort());
    expect(new Set(told).size).toBe(told.length);
    expect((await store.counts()).blocked).toBe(0);
  });
});

describe('two events that very many wait for', () => {
  it('are both told to the end, whenever the second one comes', async () => {
    close = () => {};
    for (let turns = 0; turns < 8; turns++) {
      const store = openMemoryTaskStore({ clock, ids: createIds(clock) });
      const held = [];
      for (let n = 0; n < 2; n++) {
        const { task } = await store.create(parseTaskSpec({ title: 'a hub' }), 'user:ana', none);
        const spec = parseTaskSpec({ title: 'a spoke', needs: [task.id] });
        await store.enqueueMany(
          Array.from({ length: 600 }, () => ({ spec })),
          'user:ana',
          none,
        );
        const start = { ai: null, data: {} };
        const claim = await store.claim({ holder: 'user:ana', ttlMs: 60_000, task: task.id, start }, none);
        if (claim.status === 'claimed') held.push({ task: task.id, lease: claim.lease.id });
      }
      const settling = [];
      for (const ref of held) {
        settling.push(store.settle(ref, { kind: 'done' }, {}, none));
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(settling);
      expect(await store.counts()).toMatchObject({ queued: 1_200, blocked: 0 });
    }
  });
});
