import assert from 'node:assert/strict';
import type { LeaseRef, Settlement } from '../store.js';
import { type Bench, type DeclareTest, record, rejects, same, TTL } from './bench.js';

const SETTLEMENTS: readonly Settlement[] = [
  { kind: 'done' },
  { kind: 'release' },
  { kind: 'failure', failure: { class: 'agent_error', message: 'no' } },
  { kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'look' }] },
];

/** Every write that carries a lease. */
function writesOf({ store }: Bench, ref: LeaseRef): (() => Promise<{ status: string }>)[] {
  const attempt = { id: 'att_late', ai: null, data: {} };
  return [
    () => store.start(ref, attempt, record('lost')),
    () => store.heartbeat(ref, record('lost')),
    () => store.intendLanding(ref, { ref: 'refs/heads/main', old: 'a', new: 'b' }, record('lost')),
    ...SETTLEMENTS.map((settlement) => () => store.settle(ref, settlement, { late: true }, record('lost'))),
  ];
}

async function assertLost(bench: Bench, ref: LeaseRef): Promise<void> {
  const before = await bench.snapshot();
  for (const write of writesOf(bench, ref)) {
    const entries = bench.journal.entries().length;
    same(await write(), { status: 'lease_lost', task: await bench.task(ref.task) });
    assert.equal(bench.journal.entries().length, entries + 1, 'the loss is recorded');
    assert.equal(bench.journal.entries().at(-1)?.kind, 'lost');
  }
  same(await bench.snapshot(), before);
}

export function testLosing(test: DeclareTest): void {
  test('gives no write of a wrong lease any effect, and records each', async (bench) => {
    const held = await bench.run();
    const other = await bench.hold();
    await assertLost(bench, { task: held.id, lease: 'lse_guess' });
    await assertLost(bench, { task: held.id, lease: other.lease.id });
    await assertLost(bench, { task: held.id, lease: '' });
  });

  test('gives no write of a lease on a task that nobody holds any effect', async (bench) => {
    const held = await bench.run();
    await bench.settle(held.ref, { kind: 'release' });
    await assertLost(bench, held.ref);
    const done = await bench.run();
    await bench.settle(done.ref, { kind: 'done' });
    await assertLost(bench, done.ref);
  });

  test('gives no write of a holder whose task another has taken any effect', async (bench) => {
    const late = await bench.run();
    await bench.clock.advance(TTL);
    const next = await bench.run(late.task, { holder: 'user:bob' });
    await assertLost(bench, late.ref);
    assert.equal((await bench.settle(next.ref, { kind: 'done' })).status, 'settled');
  });

  test('gives no write of a lease that an operator broke any effect', async (bench) => {
    const held = await bench.run();
    await bench.store.requeue(held.id, record('requeued'));
    await assertLost(bench, held.ref);
  });

  test('raises the fence by one at each grant', async (bench) => {
    const task = await bench.add();
    for (let fence = 1; fence <= 4; fence++) {
      const held = await bench.hold(task);
      assert.equal(held.lease.fence, fence);
      assert.equal(held.task.lease?.fence, fence);
      if (fence % 2) await bench.settle(held.ref, { kind: 'release' });
      else await bench.clock.advance(TTL);
    }
  });

  test('settles by the current fence, and by no other', async (bench) => {
    const task = await bench.add();
    const first = await bench.hold(task);
    await bench.settle(first.ref, { kind: 'release' });
    assert.equal((await bench.settle({ task: task.id, fence: 1 }, { kind: 'release' })).status, 'lease_lost');
    await bench.run(task);
    const before = await bench.snapshot();
    for (const fence of [0, 1, 3]) {
      assert.equal((await bench.settle({ task: task.id, fence }, { kind: 'done' })).status, 'lease_lost');
    }
    same(await bench.snapshot(), before);
    assert.equal((await bench.settle({ task: task.id, fence: 2 }, { kind: 'done' })).status, 'settled');
  });

  test('refuses a write on a task that does not exist', async (bench) => {
    for (const write of writesOf(bench, { task: 'tsk_nobody', lease: 'lse_x' })) await rejects(write(), 'NOT_FOUND');
  });
}
