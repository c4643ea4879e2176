import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { createIds } from '@signalbox/kernel';
import { createFakeClock } from '@signalbox/testkit';
import { openMemoryTaskStore, type PathLock } from '../src/index.js';
import { parseTaskSpec } from '../src/task-spec.js';

const none = () => [];
const entry = { kind: 'task.created', actor: 'user:ana', subject: 'task/x', data: {} };

function open(journal?: { append(entries: readonly unknown[]): void }) {
  const clock = createFakeClock();
  const store = openMemoryTaskStore({ clock, ids: createIds(clock), ...(journal ? { journal } : {}) });
  return { store, clock, create: () => store.create(parseTaskSpec({ title: 'x' }), 'user:ana', () => [entry]) };
}

describe('the memory store', () => {
  it('takes an operation back whose entries are not taken, and no other of the same turn', async () => {
    const given: unknown[] = [];
    let calls = 0;
    const { store, create } = open({
      append(entries) {
        calls += 1;
        if (calls === 2) throw new Error('The ledger is full.');
        given.push(...entries);
      },
    });
    const [first, second, third] = await Promise.allSettled([create(), create(), create()]);
    expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await store.counts()).queued).toBe(2);
    expect(given).toEqual([entry, entry]);
  });

  it('gives the outcome of what is done also when those who are told of it later cannot be', async () => {
    const clock = createFakeClock();
    let full = true;
    const recordFanOut = () => {
      if (full) throw new Error('The ledger is full.');
      return [];
    };
    const store = openMemoryTaskStore({ clock, ids: createIds(clock), recordFanOut });
    const spec = parseTaskSpec({ title: 'x' });
    const { task } = await store.create(spec, 'user:ana', none);
    const drafts = Array.from({ length: 200 }, () => ({ spec: { ...spec, needs: [task.id] } }));
    await store.enqueueMany(drafts, 'user:ana', none);
    const start = { ai: null, data: {} };
    const held = await store.claim({ holder: 'ana', ttlMs: 60_000, start }, none);
    if (held.status !== 'claimed') throw new Error(held.status);
    const settled = await store.settle({ task: task.id, lease: held.lease.id }, { kind: 'done' }, {}, none);
    expect(settled).toMatchObject({ status: 'settled', task: { status: 'done' } });
    expect((await store.counts()).blocked).toBe(72);
    full = false;
    await store.create(spec, 'user:ana', none);
    expect((await store.counts()).blocked).toBe(0);
  });

  it('gives what came before a failure back to the queue, in the place where it was', async () => {
    const { store, create } = open();
    const ids = [];
    for (let n = 0; n < 5; n++) ids.push((await create()).task.id);
    const refuse = () => {
      throw new Error('The ledger is full.');
    };
    await expect(store.claimMany({ holder: 'user:ana', ttlMs: 60_000 }, 3, refuse)).rejects.toThrow();
    const { claimed } = await store.claimMany({ holder: 'user:ana', ttlMs: 60_000 }, 5, none);
    expect(claimed.map(({ task }) => task.id)).toEqual(ids);
  });

  it('refuses two attempts of one id', async () => {
    const { store, create } = open();
    await create();
    await create();
    const { claimed } = await store.claimMany({ holder: 'user:ana', ttlMs: 60_000 }, 2, none);
    const [one, two] = claimed.map(({ task, lease }) => ({ task: task.id, lease: lease.id }));
    if (!one || !two) throw new Error('no claims');
    await store.start(one, { id: 'att_1', ai: null, data: {} }, none);
    await expect(store.start(two, { id: 'att_1', ai: null, data: {} }, none)).rejects.toMatchObject({
      code: 'ID_TAKEN',
    });
    expect((await store.get(two.task))?.status).toBe('claimed');
  });

  it('knows a lock in the way among very many, by its folder and by its ending', async () => {
    const { store } = open();
    const locks = (...globs: string[]): { locks: PathLock[] } => ({
      locks: globs.map((glob) => ({ glob, mode: 'exclusive' })),
    });
    const wanted = (glob: string) => parseTaskSpec({ title: glob, ...locks(glob) });
    const many = Array.from({ length: 2_000 }, (_, n) => ({ spec: wanted(`area${n % 50}/part${n}/**`) }));
    await store.enqueueMany(many, 'user:ana', none);
    await store.claimMany({ holder: 'user:ana', ttlMs: 60_000 }, 1_000, none);
    await store.claimMany({ holder: 'user:ana', ttlMs: 60_000 }, 1_000, none);
    const claim = async (glob: string) => {
      const { task } = await store.create(wanted(glob), 'user:ana', none);
      return (await store.claim({ holder: 'user:ana', ttlMs: 60_000, task: task.id }, none)).status;
    };
    expect(await claim('area7/part7/src/a.ts')).toBe('locked');
    expect(await claim('area7/*/b.ts')).toBe('locked');
    expect(await claim('area7/part8/a.ts')).toBe('claimed');
    expect(await claim('elsewhere/*.md')).toBe('claimed');
    expect(await claim('**/*.ts')).toBe('locked');
    expect(await claim('{x,y}.json')).toBe('claimed');
    expect(await claim('x.json')).toBe('locked');
    expect(await claim('*.yaml')).toBe('claimed');
  });

  it('does not let a listener spoil an operation that is committed: what it throws is thrown on its own', async () => {
    const program = `
      import { createIds, systemClock } from '@signalbox/kernel';
      import { openMemoryTaskStore } from './dist/index.js';
      import { parseTaskSpec } from './dist/task-spec.js';
      const store = openMemoryTaskStore({ clock: systemClock, ids: createIds(systemClock) });
      store.subscribe(() => { throw new Error('a bad listener'); });
      process.on('uncaughtException', (error) => console.log(error.message));
      const { created } = await store.create(parseTaskSpec({ title: 'x' }), 'user:ana', () => []);
      console.log(String(created));`;
    const cwd = fileURLToPath(new URL('..', import.meta.url));
    const said = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, ['--input-type=module', '-e', program], { cwd }, (error, out) =>
        error ? reject(error) : resolve(out),
      );
    });
    expect(said.trim().split('\n').sort()).toEqual(['a bad listener', 'true']);
  });
});
