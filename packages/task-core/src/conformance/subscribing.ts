import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import type { TaskEvent } from '../events.js';
import { parseTaskSpec } from '../task-spec.js';
import { type Bench, type DeclareTest, MINUTE, record, same, TTL } from './bench.js';

/** What is heard of from now on, as `type` and the id of the task. */
function listen({ store }: Bench): { take(): string[]; stop(): void } {
  let heard: TaskEvent[] = [];
  const stop = store.subscribe((event) => void heard.push(event));
  return {
    take() {
      const taken = heard.map(({ type, task }) => `${type} ${task.id}`);
      heard = [];
      return taken;
    },
    stop,
  };
}

const failure = { class: 'agent_error', message: 'no' } as const;

export function testSubscribing(test: DeclareTest): void {
  test('hears of each step of a life', async (bench) => {
    const ears = listen(bench);
    const held = await bench.run({ maxAttempts: 2 });
    const { id } = held;
    same(ears.take(), [`task.created ${id}`, `task.claimed ${id}`, `task.started ${id}`]);
    await bench.store.addLock(held.ref, { glob: 'a', mode: 'exclusive' }, record('added'));
    await bench.store.heartbeat(held.ref, record('lost'));
    await bench.settle(held.ref, { kind: 'failure', failure });
    same(ears.take(), [`task.lock_added ${id}`, `task.requeued ${id}`]);
    const again = await bench.run(held.task);
    ears.take();
    await bench.settle(again.ref, { kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'look' }] });
    await bench.store.unblock(id, () => true, record('unblocked'));
    await bench.store.update(id, { title: 'new' }, record('updated'));
    same(ears.take(), [`task.blocked ${id}`, `task.unblocked ${id}`, `task.updated ${id}`]);
    const third = await bench.run(held.task);
    await bench.store.cancel(id, record('cancel'));
    await bench.settle(third.ref, { kind: 'done' });
    same(ears.take().slice(2), [`task.cancel_requested ${id}`, `task.completed ${id}`]);
  });

  test('hears of failing, cancelling, expiring and being fenced off', async (bench) => {
    const [failing, expiring, cancelled] = [
      await bench.run({ maxAttempts: 1 }),
      await bench.run({ maxAttempts: 1 }, { ttlMs: TTL / 2 }),
      await bench.add(),
    ];
    const ears = listen(bench);
    await bench.settle(failing.ref, { kind: 'failure', failure });
    await bench.store.retry(failing.id, record('retried'));
    await bench.store.cancel(cancelled.id, record('cancelled'));
    await bench.clock.advance(TTL / 2);
    await bench.store.reap(record('expired'));
    await bench.settle(expiring.ref, { kind: 'done' });
    await bench.store.heartbeat(expiring.ref, record('lost'));
    same(ears.take(), [
      `task.failed ${failing.id}`,
      `task.requeued ${failing.id}`,
      `task.cancelled ${cancelled.id}`,
      `task.expired ${expiring.id}`,
      `task.fenced ${expiring.id}`,
      `task.fenced ${expiring.id}`,
    ]);
  });

  test('hears of those whom another task sets free or takes with it', async (bench) => {
    const need = await bench.run({ maxAttempts: 1, locks: [{ glob: 'a' }] });
    const [free, fails, waiter] = [
      await bench.add({ needs: [need.id], onNeedFailure: 'ignore' }),
      await bench.add({ needs: [need.id], onNeedFailure: 'fail' }),
      await bench.add({ locks: [{ glob: 'a' }] }),
    ];
    const ears = listen(bench);
    await bench.claim();
    same(ears.take(), [`task.blocked ${waiter.id}`]);
    await bench.settle(need.ref, { kind: 'failure', failure });
    same(
      ears.take().sort(),
      [
        `task.failed ${fails.id}`,
        `task.failed ${need.id}`,
        `task.unblocked ${free.id}`,
        `task.unblocked ${waiter.id}`,
      ].sort(),
    );
  });

  test('is given the task as it was right after, which is committed by then', async (bench) => {
    const seen: Promise<void>[] = [];
    const stop = bench.store.subscribe(({ task }) => {
      seen.push(bench.task(task.id).then((now) => same(now, task)));
    });
    await bench.run();
    stop();
    await Promise.all(seen);
    assert.equal(seen.length, 3);
  });

  test('hears nothing of what did not happen', async (bench) => {
    const held = await bench.hold({ title: 'once', idempotencyKey: 'k' });
    const ears = listen(bench);
    const refuse = () => {
      throw new Error('The journal is full.');
    };
    await assert.rejects(bench.store.settle(held.ref, { kind: 'release' }, {}, refuse));
    await assert.rejects(bench.store.create(parseTaskSpec({ title: 'x' }), 'user:ana', refuse));
    await bench.store.create(parseTaskSpec({ title: 'once', idempotencyKey: 'k' }), 'user:ana', record('created'));
    await bench.claim();
    await bench.store.update(held.id, { priority: 1 }, record('updated'), 99);
    same(ears.take(), []);
  });

  test('hears nothing after it has stopped, while others do', async (bench) => {
    const [one, other] = [listen(bench), listen(bench)];
    one.stop();
    const { id } = await bench.add();
    same([one.take(), other.take()], [[], [`task.created ${id}`]]);
  });

  test('tells who was set free besides, by time, by a reaped lease or by one that is parked', async (bench) => {
    const { store, clock } = bench;
    const heard: string[] = [];
    store.subscribe(({ type, task }) => heard.push(`${type} ${task.title}`));
    const quota = await bench.run({ title: 'quota' });
    const until = isoTime(clock.now() + MINUTE);
    await bench.settle(quota.ref, { kind: 'blocked', blockedBy: [{ kind: 'quota', until }] });
    await bench.run({ title: 'holder', locks: [{ glob: 'a' }, { glob: 'b' }] });
    await bench.add({ title: 'waiter', locks: [{ glob: 'a' }] });
    await bench.claim();
    heard.length = 0;
    await clock.advance(TTL);
    await store.reap(record('reaped'));
    await store.list({ ready: true });
    same(heard.sort(), ['task.expired holder', 'task.unblocked quota', 'task.unblocked waiter']);
  });
}
