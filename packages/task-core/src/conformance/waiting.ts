import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import type { Settlement } from '../store.js';
import type { Task } from '../task.js';
import { type Bench, type DeclareTest, type Held, MINUTE, record, same, TTL } from './bench.js';

const locks = (...globs: string[]) => ({ locks: globs.map((glob) => ({ glob })) });

/** A task that is parked because `holder` holds `a`. */
async function park(bench: Bench): Promise<{ holder: Held; waiter: Task }> {
  const holder = await bench.run(locks('a'));
  const waiter = await bench.add(locks('a'));
  const outcome = await bench.claim({ task: waiter.id, park: true });
  assert.equal(outcome.status, 'locked');
  return { holder, waiter: await bench.task(waiter.id) };
}

export function testWaiting(test: DeclareTest): void {
  test('parks a named task that loses to a lock when asked to', async (bench) => {
    const holder = await bench.hold(locks('a/**', 'b'));
    const loser = await bench.add(locks('a/x'));
    const outcome = await bench.claim({ task: loser.id, park: true });
    assert.equal(outcome.status, 'locked');
    same(outcome.conflicts, [{ task: holder.id, glob: 'a/**', wanted: 'a/x' }]);
    const parked = await bench.task(loser.id);
    same(outcome.parked, [parked]);
    assert.equal(parked.status, 'blocked');
    same(parked.blockedBy, [{ kind: 'lock', task: holder.id, glob: 'a/**' }]);
    assert.equal(parked.version, loser.version + 1);
    const again = await bench.claim({ task: loser.id });
    same([again.status, again.parked], ['locked', []]);
    same(await bench.task(loser.id), parked);
  });

  test('parks what loses to a lock and takes the next, when no task is named', async (bench) => {
    const { waiter } = await park(bench);
    const losers = [await bench.add({ ...locks('a'), priority: 9 }), await bench.add({ ...locks('a'), priority: 8 })];
    const winner = await bench.add(locks('b'));
    const outcome = await bench.claim();
    assert.equal(outcome.status, 'claimed');
    assert.equal(outcome.task.id, winner.id);
    same(
      outcome.parked.map((task) => task.id),
      losers.map((task) => task.id),
    );
    same(await bench.claim(), { status: 'empty', expired: [], parked: [] });
    assert.equal((await bench.task(waiter.id)).status, 'blocked');
  });

  test('wakes who waited when the holder is done, fails, blocks or gives the task back', async (bench) => {
    const settlements: Settlement[] = [
      { kind: 'done' },
      { kind: 'release' },
      { kind: 'failure', failure: { class: 'agent_error', message: 'no' } },
      { kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'look' }] },
    ];
    for (const settlement of settlements) {
      const { holder, waiter } = await park(bench);
      const outcome = await bench.settle(holder.ref, settlement);
      assert.equal(outcome.status, 'settled');
      same(outcome.woken, [await bench.task(waiter.id)]);
      same([outcome.woken[0]?.status, outcome.woken[0]?.blockedBy], ['queued', []]);
      const taken = await bench.hold(waiter);
      await bench.settle(taken.ref, { kind: 'release' });
    }
  });

  test('wakes who waited when the lease expires or an operator breaks it', async (bench) => {
    const expired = await park(bench);
    await bench.clock.advance(TTL);
    await bench.store.reap(record('expired'));
    assert.equal((await bench.task(expired.waiter.id)).status, 'queued');
    const broken = await park(bench);
    const outcome = await bench.store.requeue(broken.holder.id, record('requeued'));
    same(outcome.woken, [await bench.task(broken.waiter.id)]);
    assert.equal(outcome.woken[0]?.status, 'queued');
  });

  test('keeps a woken task that has its own delay out of reach until then', async (bench) => {
    const holder = await bench.hold(locks('a'));
    const delayed = await bench.add({ ...locks('a'), notBefore: isoTime(bench.clock.now() + MINUTE) });
    await bench.claim({ task: delayed.id, ignoreNotBefore: true, park: true });
    await bench.settle(holder.ref, { kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'look' }] });
    assert.equal((await bench.task(delayed.id)).status, 'queued');
    assert.equal((await bench.claim()).status, 'empty');
    await bench.clock.advance(MINUTE);
    assert.equal((await bench.claim()).status, 'claimed');
  });

  test('keeps a task waiting until the last holder in its way has let go', async (bench) => {
    const [one, two] = [await bench.hold(locks('a')), await bench.hold(locks('b'))];
    const waiter = await bench.add(locks('a', 'b'));
    await bench.claim();
    same((await bench.task(waiter.id)).blockedBy.map((block) => 'task' in block && block.task).sort(), [
      one.id,
      two.id,
    ]);
    const blocked: Settlement = { kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'look' }] };
    const first = await bench.settle(one.ref, blocked);
    same(first.status === 'settled' && first.woken, []);
    same((await bench.task(waiter.id)).blockedBy, [{ kind: 'lock', task: two.id, glob: 'b' }]);
    await bench.settle(two.ref, blocked);
    assert.equal((await bench.hold(waiter)).id, waiter.id);
  });

  test('parks a woken task again behind the next holder in its way', async (bench) => {
    const { holder, waiter } = await park(bench);
    const rival = await bench.add({ ...locks('a'), priority: 20 });
    await bench.settle(holder.ref, { kind: 'done' });
    assert.equal((await bench.claim()).status, 'claimed');
    same(
      (await bench.claim()).parked.map((task) => task.id),
      [waiter.id],
    );
    same((await bench.task(waiter.id)).blockedBy, [{ kind: 'lock', task: rival.id, glob: 'a' }]);
  });

  test('wakes of those who would lose to each other only the first in line', async (bench) => {
    const holder = await bench.run(locks('a/**'));
    const [second, first, other] = [
      await bench.add(locks('a/x')),
      await bench.add({ ...locks('a/*'), priority: 10 }),
      await bench.add(locks('a/y/z')),
    ];
    await bench.claim();
    const settled = await bench.settle(holder.ref, { kind: 'done' });
    same(settled.status === 'settled' && settled.woken.map((task) => task.id), [first.id, other.id]);
    same((await bench.task(second.id)).blockedBy, [{ kind: 'lock', task: first.id, glob: 'a/*' }]);
    const taken = await bench.run(first);
    await bench.settle(taken.ref, { kind: 'done' });
    assert.equal((await bench.task(second.id)).status, 'queued');
  });

  test('lets a task that waits for one that does not come go first, and lists it as ready', async (bench) => {
    const holder = await bench.run(locks('a'));
    const [first, second] = [await bench.add(locks('a')), await bench.add(locks('a'))];
    await bench.claim();
    await bench.settle(holder.ref, { kind: 'done' });
    same(
      (await bench.store.list({ ready: true, limit: 1 })).tasks.map((task) => task.id),
      [first.id],
    );
    const page = await bench.store.list({ ready: true });
    same(
      page.tasks.map((task) => [task.id, task.status]),
      [
        [first.id, 'queued'],
        [second.id, 'blocked'],
      ],
    );
    const taken = await bench.hold(second);
    const lost = await bench.claim({ task: first.id, park: true });
    assert.equal(lost.status, 'locked');
    same((await bench.store.list({ ready: true })).tasks, []);
    await bench.settle(taken.ref, { kind: 'release' });
  });

  test('sets free who waits for a task that is cancelled or changed', async (bench) => {
    const holder = await bench.run(locks('a'));
    const [first, second] = [await bench.add(locks('a')), await bench.add(locks('a'))];
    await bench.claim();
    await bench.settle(holder.ref, { kind: 'done' });
    const outcome = await bench.store.cancel(first.id, record('cancelled'));
    same(
      outcome.woken.map((task) => task.id),
      [second.id],
    );
  });

  test('tells very many waiters in several transactions, and all of them', async (bench) => {
    const holder = await bench.run(locks('**'));
    for (let n = 0; n < 600; n++) await bench.add(locks(`f${n}`));
    while ((await bench.claim()).parked.length > 0);
    assert.equal((await bench.store.counts()).blocked, 600);
    const settled = await bench.settle(holder.ref, { kind: 'done' });
    assert.ok(settled.status === 'settled' && settled.woken.length < 600);
    assert.equal((await bench.store.counts()).queued, 600);
  });
}
