import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import type { Block, Task } from '../task.js';
import { type Bench, type DeclareTest, rejects, same } from './bench.js';

async function block(bench: Bench, ...blockedBy: Block[]): Promise<Task> {
  const held = await bench.run();
  return (await bench.settle(held.ref, { kind: 'blocked', blockedBy })).task;
}

const dependency = (task: string): Block => ({ kind: 'dependency', task, state: 'unmet' });

export function testBlocking(test: DeclareTest): void {
  test('on a task ends when that one is done, and makes it a need', async (bench) => {
    const need = await bench.add();
    const task = await block(bench, dependency(need.id));
    same([task.status, task.blockedBy, task.needs], ['blocked', [dependency(need.id)], [need.id]]);
    const done = await bench.run(need);
    const outcome = await bench.settle(done.ref, { kind: 'done' });
    same(outcome.status === 'settled' && outcome.woken.map(({ id }) => id), [task.id]);
  });

  test('on a task that is done already is none', async (bench) => {
    const need = await bench.run();
    await bench.settle(need.ref, { kind: 'done' });
    assert.equal((await block(bench, dependency(need.id))).status, 'queued');
  });

  test('on itself, on what needs it, or on nothing is refused, and the holder keeps the task', async (bench) => {
    const held = await bench.run();
    const dependent = await bench.add({ needs: [held.id] });
    const before = await bench.snapshot();
    for (const [task, code] of [
      [held.id, 'DEPENDENCY_CYCLE'],
      [dependent.id, 'DEPENDENCY_CYCLE'],
      ['tsk_nobody', 'UNKNOWN_NEED'],
    ] as const) {
      await rejects(bench.settle(held.ref, { kind: 'blocked', blockedBy: [dependency(task)] }), code);
    }
    same(await bench.snapshot(), before);
    assert.equal((await bench.settle(held.ref, { kind: 'done' })).status, 'settled');
  });

  test('on a lock ends when its holder lets go', async (bench) => {
    const holder = await bench.hold({ locks: [{ glob: 'a/**' }] });
    const task = await block(bench, { kind: 'lock', task: holder.id, glob: 'a/**' });
    same([task.status, task.blockedBy], ['blocked', [{ kind: 'lock', task: holder.id, glob: 'a/**' }]]);
    assert.equal((await bench.claim()).status, 'empty');
    const outcome = await bench.settle(holder.ref, { kind: 'release' });
    same(outcome.status === 'settled' && outcome.woken.map(({ id }) => id), [task.id]);
  });

  test('on a lock that nobody holds any more, or on its own, is none', async (bench) => {
    const free = await bench.add();
    assert.equal((await block(bench, { kind: 'lock', task: free.id, glob: 'a' })).status, 'queued');
    assert.equal((await block(bench, { kind: 'lock', task: 'tsk_nobody', glob: 'a' })).status, 'queued');
    const held = await bench.run();
    const own = await bench.settle(held.ref, {
      kind: 'blocked',
      blockedBy: [{ kind: 'lock', task: held.id, glob: 'a' }],
    });
    assert.equal(own.task.status, 'queued');
  });

  test('on a quota that has ended is none', async (bench) => {
    const task = await block(bench, { kind: 'quota', until: isoTime(bench.clock.now()) });
    same([task.status, task.blockedBy], ['queued', []]);
  });

  test('ends with the last of its reasons, whichever it is', async (bench) => {
    const [need, holder] = [await bench.add(), await bench.hold()];
    const reasons: Block[] = [dependency(need.id), { kind: 'lock', task: holder.id, glob: 'a' }];
    const task = await block(bench, ...reasons);
    same(task.blockedBy, reasons);
    await bench.settle(holder.ref, { kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'look' }] });
    same((await bench.task(task.id)).blockedBy, [dependency(need.id)]);
    const done = await bench.run(need);
    await bench.settle(done.ref, { kind: 'done' });
    assert.equal((await bench.task(task.id)).status, 'queued');
  });

  test('does not let go of who waits while a woken one has a delay of its own', async (bench) => {
    const holder = await bench.run({ locks: [{ glob: 'a' }] });
    const delayed = await bench.add({
      locks: [{ glob: 'a' }],
      priority: 20,
      notBefore: isoTime(bench.clock.now() + 1_000),
    });
    await bench.claim({ task: delayed.id, park: true, ignoreNotBefore: true });
    const waiter = await bench.add({ locks: [{ glob: 'a' }] });
    await bench.claim();
    await bench.settle(holder.ref, { kind: 'done' });
    const taken = await bench.claim();
    same([taken.status, 'task' in taken && taken.task.id], ['claimed', waiter.id]);
  });
}
