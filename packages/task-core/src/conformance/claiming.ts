import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import { type Bench, type DeclareTest, MINUTE, rejects, same, TTL } from './bench.js';

async function claimTitles(bench: Bench): Promise<string[]> {
  const taken: string[] = [];
  for (;;) {
    const outcome = await bench.claim();
    if (outcome.status !== 'claimed') {
      assert.equal(outcome.status, 'empty');
      return taken;
    }
    taken.push(outcome.task.title);
  }
}

export function testClaiming(test: DeclareTest): void {
  test('finds nothing in an empty queue', async (bench) => {
    same(await bench.claim(), { status: 'empty', expired: [], parked: [] });
  });

  test('takes the most urgent first and the oldest first among equals', async (bench) => {
    for (const [title, priority] of [
      ['c', 0],
      ['e', -10],
      ['a', 20],
      ['d', 0],
      ['b', 10],
    ] as const) {
      await bench.add({ title, priority });
    }
    same(await claimTitles(bench), ['a', 'b', 'c', 'd', 'e']);
  });

  test('grants a lease whose id only the claim returns', async (bench) => {
    const before = await bench.add();
    const { lease, task } = await bench.hold(before, { holder: 'ai:claude', ttlMs: MINUTE });
    const { id: secret, ...view } = lease;
    assert.ok(secret.length >= 32);
    same(view, {
      fence: 1,
      holder: 'ai:claude',
      ttlMs: MINUTE,
      expiresAt: isoTime(bench.clock.now() + MINUTE),
      heartbeatAt: isoTime(bench.clock.now()),
    });
    same(task, { ...before, status: 'claimed', lease: view, version: before.version + 1 });
    same(await bench.task(task.id), task);
    assert.ok(!JSON.stringify(await bench.snapshot()).includes(secret));
  });

  test('takes exactly the task that is named, whatever else is more urgent', async (bench) => {
    const wanted = await bench.add({ priority: -10 });
    await bench.add({ priority: 20 });
    assert.equal((await bench.hold(wanted)).id, wanted.id);
  });

  test('answers why the named task cannot be taken, and changes nothing', async (bench) => {
    const held = await bench.hold();
    const running = await bench.run();
    const finished = await bench.run();
    await bench.settle(finished.ref, { kind: 'done' });
    const blocked = await bench.add({ needs: [held.id] });
    const delayed = await bench.add({ notBefore: isoTime(bench.clock.now() + MINUTE) });
    const before = await bench.snapshot();
    for (const [id, status] of [
      [held.id, 'taken'],
      [running.id, 'taken'],
      [finished.id, 'finished'],
      [blocked.id, 'blocked'],
      [delayed.id, 'delayed'],
    ] as const) {
      const outcome = await bench.claim({ task: id });
      assert.equal(outcome.status, status);
      same('task' in outcome && outcome.task, await bench.task(id));
    }
    same(await bench.claim({ task: 'tsk_nobody' }), {
      status: 'not_found',
      id: 'tsk_nobody',
      expired: [],
      parked: [],
    });
    same(await bench.snapshot(), before);
  });

  test('refuses a task that has moved on since its version was read', async (bench) => {
    const seen = await bench.add();
    const held = await bench.hold(seen);
    await bench.settle(held.ref, { kind: 'release' });
    const stale = await bench.claim({ task: seen.id, expectedVersion: seen.version });
    assert.equal(stale.status, 'stale');
    const now = await bench.task(seen.id);
    assert.equal((await bench.claim({ task: seen.id, expectedVersion: now.version })).status, 'claimed');
  });

  test('leaves a delayed task alone until its time, unless it is asked for expressly', async (bench) => {
    const notBefore = isoTime(bench.clock.now() + MINUTE);
    const later = await bench.add({ title: 'later', notBefore });
    const now = await bench.add({ title: 'now', notBefore });
    same(await claimTitles(bench), []);
    assert.equal((await bench.hold(now, { ignoreNotBefore: true })).task.status, 'claimed');
    await bench.clock.advance(MINUTE - 1);
    assert.equal((await bench.claim({ task: later.id })).status, 'delayed');
    await bench.clock.advance(1);
    same(await claimTitles(bench), ['later']);
  });

  test('refuses a lease that is no whole number of milliseconds from 1 s to 365 days', async (bench) => {
    await bench.add();
    const before = await bench.snapshot();
    for (const ttlMs of [0, -1, 999, 1_000.5, Number.NaN, Number.POSITIVE_INFINITY, 366 * 24 * 60 * MINUTE]) {
      await rejects(bench.claim({ ttlMs }), 'INVALID_TTL');
    }
    same(await bench.snapshot(), before);
    assert.equal((await bench.claim({ ttlMs: 1_000 })).status, 'claimed');
  });

  test('reaps expired leases first, so that what they held can be taken', async (bench) => {
    const lost = await bench.hold();
    await bench.clock.advance(TTL);
    const outcome = await bench.claim({ holder: 'user:bob' });
    assert.equal(outcome.status, 'claimed');
    assert.equal(outcome.task.id, lost.id);
    same(
      outcome.expired.map((task) => [task.id, task.status]),
      [[lost.id, 'queued']],
    );
    assert.equal(outcome.lease.fence, 2);
  });
}
