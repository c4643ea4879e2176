import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import type { Settlement } from '../store.js';
import { type Bench, type DeclareTest, type Held, record, rejects, same, TTL } from './bench.js';

const cancel = ({ store }: Bench, id: string, force = false) => store.cancel(id, record('cancelled'), { force });
const failure = { class: 'agent_error', message: 'no' } as const;

async function askToStop(bench: Bench): Promise<Held> {
  const held = await bench.run({ maxAttempts: 3, locks: [{ glob: 'a' }] });
  await cancel(bench, held.id);
  return held;
}

export function testCancelling(test: DeclareTest): void {
  test('ends a task that nobody holds at once', async (bench) => {
    const need = await bench.add();
    const blocked = await bench.add({ needs: [need.id] });
    const queued = await bench.add();
    await bench.clock.advance(3);
    for (const { id } of [blocked, queued]) {
      const outcome = await cancel(bench, id);
      same([outcome.status, outcome.changed, outcome.task], ['cancelled', true, await bench.task(id)]);
      const { status, finishedAt, blockedBy } = outcome.task;
      same([status, finishedAt, blockedBy], ['cancelled', isoTime(bench.clock.now()), []]);
      assert.equal((await bench.claim({ task: id })).status, 'finished');
    }
  });

  test('ends a claimed task at once: its holder has done nothing yet, and loses it', async (bench) => {
    const held = await bench.hold({ locks: [{ glob: 'a' }] });
    const waiter = await bench.add({ locks: [{ glob: 'a' }] });
    await bench.claim();
    const outcome = await cancel(bench, held.id);
    same([outcome.status, outcome.task.status, outcome.task.lease], ['cancelled', 'cancelled', null]);
    same(
      outcome.woken.map(({ id }) => id),
      [waiter.id],
    );
    assert.equal((await bench.settle(held.ref, { kind: 'release' })).status, 'lease_lost');
  });

  test('asks the holder of a running task to stop, with the next heartbeat', async (bench) => {
    const held = await bench.run();
    const outcome = await cancel(bench, held.id);
    same([outcome.status, outcome.changed, outcome.task.status], ['requested', true, 'running']);
    assert.equal(outcome.task.cancelRequestedAt, isoTime(bench.clock.now()));
    const beat = await bench.store.heartbeat(held.ref, record('lost'));
    assert.equal(beat.status === 'renewed' && beat.cancelRequested, true);
    const entries = bench.journal.entries().length;
    const again = await cancel(bench, held.id);
    same([again.status, again.changed], ['requested', false]);
    assert.equal(bench.journal.entries().length, entries);
  });

  test('is what becomes of a task asked to stop however its holder settles it, unless it is done', async (bench) => {
    const settlements: Settlement[] = [
      { kind: 'cancelled' },
      { kind: 'release' },
      { kind: 'failure', failure },
      { kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'look' }] },
    ];
    for (const settlement of settlements) {
      const held = await askToStop(bench);
      const outcome = await bench.settle(held.ref, settlement);
      same([outcome.task.status, outcome.task.blockedBy], ['cancelled', []], settlement.kind);
      assert.ok(outcome.task.finishedAt);
    }
    const held = await askToStop(bench);
    assert.equal((await bench.settle(held.ref, { kind: 'done' })).task.status, 'done');
  });

  test('is what becomes of a task asked to stop whose holder is never heard of again', async (bench) => {
    const held = await askToStop(bench);
    await bench.clock.advance(TTL);
    const [task] = await bench.store.reap(record('expired'));
    same([task?.status, task?.lease], ['cancelled', null]);
    assert.equal((await bench.lastAttempt(held.id)).outcome, 'lost');
  });

  test('breaks the lease of a running task when it is forced', async (bench) => {
    const held = await askToStop(bench);
    const outcome = await cancel(bench, held.id, true);
    same([outcome.status, outcome.changed, outcome.task.status], ['cancelled', true, 'cancelled']);
    assert.equal((await bench.settle(held.ref, { kind: 'done' })).status, 'lease_lost');
    await bench.hold({ locks: [{ glob: 'a' }] });
  });

  test('says that a settlement by the holder may be a stop', async (bench) => {
    const held = await bench.run();
    const outcome = await bench.settle(held.ref, { kind: 'cancelled' });
    assert.equal(outcome.task.status, 'cancelled');
    assert.equal((await bench.lastAttempt(held.id)).outcome, 'released');
  });

  test('changes nothing of a task that is cancelled, and refuses one that has ended otherwise', async (bench) => {
    const cancelled = await bench.add();
    await cancel(bench, cancelled.id);
    const [done, failed] = [await bench.run(), await bench.run({ maxAttempts: 1 })];
    await bench.settle(done.ref, { kind: 'done' });
    await bench.settle(failed.ref, { kind: 'failure', failure });
    const before = await bench.snapshot();
    const entries = bench.journal.entries().length;
    const again = await cancel(bench, cancelled.id, true);
    same([again.status, again.changed], ['cancelled', false]);
    for (const { id } of [done, failed]) await rejects(cancel(bench, id), 'WRONG_STATE');
    await rejects(cancel(bench, 'tsk_nobody'), 'NOT_FOUND');
    same([await bench.snapshot(), bench.journal.entries().length], [before, entries]);
  });

  test('leaves those that need the task blocked with that reason, or does what they want', async (bench) => {
    const need = await bench.add();
    const [blocks, fails, ignores] = [
      await bench.add({ needs: [need.id] }),
      await bench.add({ needs: [need.id], onNeedFailure: 'fail' }),
      await bench.add({ needs: [need.id], onNeedFailure: 'ignore' }),
    ];
    const outcome = await cancel(bench, need.id);
    same([outcome.woken.map(({ id }) => id), outcome.failed.map(({ id }) => id)], [[ignores.id], [fails.id]]);
    same((await bench.task(blocks.id)).blockedBy, [{ kind: 'dependency', task: need.id, state: 'cancelled' }]);
    assert.equal((await bench.task(fails.id)).failure?.class, 'need_failed');
    assert.equal((await bench.task(ignores.id)).status, 'queued');
  });
}
