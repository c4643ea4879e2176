import { describe, expect, it } from '@jest/globals';
import { isoTime } from '@signalbox/kernel';
import { type TaskStore, whyNot } from '../src/index.js';
import { parseTaskSpec, type TaskSpecInput } from '../src/task-spec.js';
import { openTestStore } from './support/open-test-store.js';

const none = () => [];

async function withStore(work: (bench: Bench) => Promise<void>): Promise<void> {
  const opened = openTestStore();
  const { store, clock } = opened;
  const add = async (fields: Partial<TaskSpecInput>) =>
    (await store.create(parseTaskSpec({ title: 'A task', ...fields }), 'user:ana', none)).task.id;
  const hold = async (task: string, start = true) => {
    const claimed = await store.claim(
      { holder: 'ana', ttlMs: 60_000, task, ...(start ? { start: { ai: null, data: {} } } : {}) },
      none,
    );
    if (claimed.status !== 'claimed') throw new Error(claimed.status);
    return { task, lease: claimed.lease.id };
  };
  const why = async (id: string) => {
    const task = await store.get(id);
    if (!task) throw new Error('gone');
    return whyNot(store, task, clock.now());
  };
  try {
    await work({ store, now: () => clock.now(), add, hold, why });
  } finally {
    await opened.close();
  }
}

interface Bench {
  store: TaskStore;
  now(): number;
  add(fields: Partial<TaskSpecInput>): Promise<string>;
  hold(task: string, start?: boolean): Promise<{ task: string; lease: string }>;
  why(id: string): ReturnType<typeof whyNot>;
}

describe('why a task does not run', () => {
  it('says how many ready tasks come before a free one', () =>
    withStore(async ({ add, why }) => {
      const [last] = [await add({}), await add({ priority: 10 }), await add({ priority: 20 })];
      expect(await why(last)).toEqual([{ kind: 'next', ahead: 2 }]);
    }));

  it('follows needs to what they wait for themselves', () =>
    withStore(async ({ add, hold, why, store, now }) => {
      const root = await add({ title: 'root' });
      const middle = await add({ title: 'middle', needs: [root] });
      const top = await add({ needs: [middle] });
      const held = await hold(root);
      const until = isoTime(now() + 60_000);
      const because = [{ kind: 'held', holder: 'ana', until, status: 'running' }];
      expect(await why(top)).toEqual([
        {
          ...{ kind: 'dependency', task: middle, title: 'middle', status: 'blocked' },
          because: [{ kind: 'dependency', task: root, title: 'root', status: 'running', because }],
        },
      ]);
      await store.settle(held, { kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'Look.' }] }, {}, none);
      expect(JSON.stringify(await why(top))).toContain('"reason":"Look."');
    }));

  it('says both when a task has needs and a delay', () =>
    withStore(async ({ add, why, now }) => {
      const notBefore = isoTime(now() + 1_000);
      const task = await add({ needs: [await add({})], notBefore });
      expect(await why(task)).toMatchObject([{ kind: 'dependency' }, { kind: 'delayed', until: notBefore }]);
    }));

  it('says of each task once what it waits for, however many ways lead to it', () =>
    withStore(async ({ add, why }) => {
      let layer = [await add({})];
      for (let depth = 0; depth < 8; depth++) {
        layer = await Promise.all(Array.from({ length: 20 }, () => add({ needs: layer })));
      }
      const reasons = JSON.stringify(await why(await add({ needs: layer })));
      expect(reasons.split('"kind"').length - 1).toBeLessThan(20 * 160);
    }));

  it('names locks with their holders, delays, quotas, approvals and ends', () =>
    withStore(async ({ add, hold, why, store, now }) => {
      const holder = await add({ title: 'holder', locks: [{ glob: 'src/**' }] });
      const held = await hold(holder, false);
      const waiter = await add({ locks: [{ glob: 'src/a' }] });
      await store.claim({ holder: 'ben', ttlMs: 60_000 }, none);
      expect(await why(waiter)).toMatchObject([
        { kind: 'lock', task: holder, title: 'holder', glob: 'src/**', status: 'claimed', because: [{ kind: 'held' }] },
      ]);
      const notBefore = isoTime(now() + 1_000);
      expect(await why(await add({ notBefore }))).toEqual([{ kind: 'delayed', until: notBefore }]);
      const quota = { kind: 'quota', until: notBefore } as const;
      const approval = { kind: 'approval', decision: 'pdr_1', what: 'push' } as const;
      await store.settle(held, { kind: 'blocked', blockedBy: [quota, approval] }, {}, none);
      expect(await why(holder)).toEqual([quota, approval]);
      await store.cancel(holder, none);
      expect(await why(holder)).toEqual([{ kind: 'ended', status: 'cancelled' }]);
    }));
});
