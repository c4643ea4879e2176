import { describe, expect, it } from '@jest/globals';
import { parseTaskSpec } from '../src/task-spec.js';
import { openFileWorld, openMemoryWorld, openSqliteWorld } from './support/simulation/stores.js';
import type { Opened } from './support/simulation/world.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const none = () => [];
const stores: Record<string, () => Opened | Promise<Opened>> = {
  memory: openMemoryWorld,
  SQLite: openSqliteWorld,
  file: openFileWorld,
};

async function hold({ store }: Opened) {
  await store.create(parseTaskSpec({ title: 'x' }), 'user:ana', none);
  const claim = await store.claim({ holder: 'user:ana', ttlMs: 10 * MINUTE }, none);
  if (claim.status !== 'claimed') throw new Error('no claim');
  return { task: claim.task.id, lease: claim.lease.id };
}

describe.each(Object.entries(stores))('a wall clock that jumps, over %s', (_, open) => {
  it('ends at once what it has jumped past, and fences the holder off', async () => {
    const opened = await open();
    const ref = await hold(opened);
    opened.clock.jump(HOUR);
    expect(await opened.store.reap(none)).toHaveLength(1);
    expect((await opened.store.settle(ref, { kind: 'release' }, {}, none)).status).toBe('lease_lost');
    await opened.close();
  });

  it('takes nothing from a holder when it jumps back, and gives it no more than its time', async () => {
    const opened = await open();
    const { store, clock } = opened;
    const ref = await hold(opened);
    clock.jump(-HOUR);
    expect(await store.reap(none)).toEqual([]);
    const beat = await store.heartbeat(ref, none);
    const expiresAt = new Date(clock.now() + 10 * MINUTE).toISOString();
    expect(beat).toMatchObject({ status: 'renewed' });
    expect((await store.get(ref.task))?.lease).toMatchObject({ expiresAt });
    await clock.advance(10 * MINUTE - 1);
    expect(await store.reap(none)).toEqual([]);
    await clock.advance(1);
    expect(await store.reap(none)).toHaveLength(1);
    await opened.close();
  });

  it('loses no task: what was ready stays so', async () => {
    const opened = await open();
    const { store, clock } = opened;
    const ids = [];
    for (const jump of [-HOUR, 2 * HOUR, -3 * HOUR, HOUR]) {
      ids.push((await store.create(parseTaskSpec({ title: 'x' }), 'user:ana', none)).task.id);
      clock.jump(jump);
    }
    const taken = [];
    for (let n = 0; n < ids.length; n++) {
      const claim = await store.claim({ holder: 'user:ana', ttlMs: MINUTE }, none);
      if (claim.status === 'claimed') taken.push(claim.task.id);
    }
    expect(taken.sort()).toEqual(ids.sort());
    await opened.close();
  });
});
