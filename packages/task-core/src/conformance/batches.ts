import assert from 'node:assert/strict';
import type { ClaimRequest } from '../store.js';
import { type Bench, type DeclareTest, record, rejects, same, TTL } from './bench.js';

const claimMany = ({ store }: Bench, count: number, request: Partial<ClaimRequest> = {}) =>
  store.claimMany({ holder: 'user:ana', ttlMs: TTL, ...request }, count, record('claimed many'));

export function testBatches(test: DeclareTest): void {
  test('claims as many as are wanted, as one claim after the other would', async (bench) => {
    for (const [title, priority] of [
      ['c', 0],
      ['a', 10],
      ['d', -10],
      ['b', 5],
    ] as const) {
      await bench.add({ title, priority });
    }
    const { claimed } = await claimMany(bench, 3);
    same(
      claimed.map(({ task }) => task.title),
      ['a', 'b', 'c'],
    );
    assert.equal(new Set(claimed.map(({ lease }) => lease.id)).size, 3);
    assert.equal(bench.journal.entries().filter(({ kind }) => kind === 'claimed many').length, 1);
    same(
      (await claimMany(bench, 3)).claimed.map(({ task }) => task.title),
      ['d'],
    );
    same(await claimMany(bench, 3), { claimed: [], expired: [], parked: [] });
  });

  test('claims no two that want the same path', async (bench) => {
    for (const glob of ['a/x', 'a/**', 'b', 'a/x']) await bench.add({ locks: [{ glob }] });
    const { claimed, parked } = await claimMany(bench, 10);
    same([claimed.length, parked.length], [2, 2]);
    same((await bench.store.counts()).blocked, 2);
  });

  test('claims what comes after very many that lose to a lock', async (bench) => {
    await bench.hold({ locks: [{ glob: 'a' }] });
    for (let n = 0; n < 150; n++) await bench.add({ locks: [{ glob: 'a' }] });
    const free = [await bench.add(), await bench.add()];
    const { claimed, parked } = await claimMany(bench, 2);
    same(
      claimed.map(({ task }) => task.id),
      free.map(({ id }) => id),
    );
    assert.equal(parked.length, 150);
  });

  test('reaps before it claims, and can start what it claims', async (bench) => {
    const lost = await bench.hold();
    await bench.clock.advance(TTL);
    const { claimed, expired } = await claimMany(bench, 2, { start: { ai: 'codex', data: { n: 1 } } });
    same(
      expired.map(({ id }) => id),
      [lost.id],
    );
    const [granted] = claimed;
    same([granted?.task.status, granted?.task.attempt, granted?.lease.fence], ['running', 1, 2]);
    same(granted?.attempt, await bench.lastAttempt(lost.id));
    same([granted?.attempt?.ai, granted?.attempt?.data], ['codex', { n: 1 }]);
  });

  test('takes at least one for a count that is less, and refuses a lease that is too short', async (bench) => {
    await bench.add();
    await rejects(claimMany(bench, 2, { ttlMs: 10 }), 'INVALID_TTL');
    assert.equal((await claimMany(bench, 0)).claimed.length, 1);
  });

  test('settles many together, of which those that are lost do not stop the others', async (bench) => {
    const [done, lost, freed] = [await bench.run(), await bench.run(), await bench.hold()];
    const waiting = await bench.add({ needs: [done.id] });
    await bench.store.requeue(lost.id, record('requeued'));
    const outcomes = await bench.store.settleMany(
      [
        { ref: done.ref, settlement: { kind: 'done' }, data: { n: 1 } },
        { ref: lost.ref, settlement: { kind: 'done' } },
        { ref: { task: freed.id, fence: freed.lease.fence }, settlement: { kind: 'release' } },
      ],
      record('settled many'),
    );
    same(
      outcomes.map(({ status, task }) => [status, task.status]),
      [
        ['settled', 'done'],
        ['lease_lost', 'queued'],
        ['settled', 'queued'],
      ],
    );
    same(outcomes[0]?.status === 'settled' && outcomes[0].woken.map(({ id }) => id), [waiting.id]);
    assert.equal((await bench.lastAttempt(done.id)).data['n'], 1);
    assert.equal(bench.journal.entries().filter(({ kind }) => kind === 'settled many').length, 1);
  });

  test('settles none when one of them cannot be settled at all', async (bench) => {
    const [running, claimed] = [await bench.run(), await bench.hold()];
    const before = await bench.snapshot();
    const items = [running, claimed].map(({ ref }) => ({ ref, settlement: { kind: 'done' } as const }));
    await rejects(bench.store.settleMany(items, record('settled many')), 'WRONG_STATE');
    same(await bench.snapshot(), before);
  });

  test('renews very many leases at once, and tells the one that lost its own', async (bench) => {
    const held = [];
    for (let n = 0; n < 40; n++) held.push(await bench.hold());
    const [first] = held;
    assert.ok(first);
    await bench.clock.advance(TTL - 1);
    await bench.store.requeue(first.id, record('requeued'));
    const beats = await Promise.all(held.map(({ ref }) => bench.store.heartbeat(ref, record('lost'))));
    assert.equal(beats.filter(({ status }) => status === 'renewed').length, 39);
    assert.equal(beats[0]?.status, 'lease_lost');
    await bench.clock.advance(1);
    same(await bench.store.reap(record('expired')), []);
  });
}
