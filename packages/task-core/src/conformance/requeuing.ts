import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import { type Bench, type DeclareTest, MINUTE, record, rejects, same } from './bench.js';

const requeue = ({ store }: Bench, id: string) => store.requeue(id, record('requeued'));

export function testRequeuing(test: DeclareTest): void {
  test('leaves a queued task as it is, also a delayed one, and records nothing', async (bench) => {
    const queued = await bench.add();
    const delayed = await bench.add({ notBefore: isoTime(bench.clock.now() + MINUTE) });
    const entries = bench.journal.entries().length;
    for (const task of [queued, delayed]) {
      same(await requeue(bench, task.id), { changed: false, task, woken: [] });
    }
    assert.equal(bench.journal.entries().length, entries);
  });

  test('breaks the lease of a claimed task', async (bench) => {
    const held = await bench.hold();
    const outcome = await requeue(bench, held.id);
    assert.equal(outcome.changed, true);
    same([outcome.task.status, outcome.task.attempt, outcome.task.lease], ['queued', 0, null]);
    assert.equal(outcome.task.version, held.task.version + 1);
    assert.equal((await bench.hold(outcome.task)).lease.fence, 2);
  });

  test('breaks the lease of a running task without an attempt spent', async (bench) => {
    const held = await bench.run({ maxAttempts: 1 });
    const { task } = await requeue(bench, held.id);
    same([task.status, task.attempt, task.failure], ['queued', 0, null]);
    const attempt = await bench.lastAttempt(held.id);
    same([attempt.outcome, attempt.failure?.class], ['lost', 'lease_lost']);
    await bench.hold(task);
  });

  test('clears what a blocked task waited for a person for', async (bench) => {
    const held = await bench.run();
    await bench.settle(held.ref, { kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'look' }] });
    const { changed, task } = await requeue(bench, held.id);
    same([changed, task.status, task.blockedBy], [true, 'queued', []]);
    await bench.hold(task);
  });

  test('does not clear an unmet need, nor the time before which the task is not to be taken', async (bench) => {
    const need = await bench.add();
    const notBefore = isoTime(bench.clock.now() + MINUTE);
    const task = await bench.add({ needs: [need.id], notBefore });
    const outcome = await requeue(bench, task.id);
    assert.equal(outcome.task.notBefore, notBefore);
    same(outcome, { changed: false, task, woken: [] });
  });

  test('does not clear a path lock in the way', async (bench) => {
    await bench.hold({ locks: [{ glob: 'a' }] });
    const task = await bench.add({ locks: [{ glob: 'a' }] });
    await bench.claim({ task: task.id, park: true });
    assert.equal((await requeue(bench, task.id)).task.status, 'blocked');
  });

  test('starts a failed task afresh, remembering why it failed', async (bench) => {
    const held = await bench.run({ maxAttempts: 1 });
    await bench.settle(held.ref, { kind: 'failure', failure: { class: 'checks_failed', message: 'Red.' } });
    const { changed, task } = await requeue(bench, held.id);
    same([changed, task.status, task.attempt, task.finishedAt], [true, 'queued', 0, null]);
    assert.equal(task.failure?.class, 'checks_failed');
    const again = await bench.run(task);
    same([again.task.attempt, again.lease.fence], [1, 2]);
  });

  test('refuses a task that is done, and one that does not exist', async (bench) => {
    const held = await bench.run();
    await bench.settle(held.ref, { kind: 'done' });
    const before = await bench.snapshot();
    await rejects(requeue(bench, held.id), 'NOT_REQUEUABLE');
    await rejects(requeue(bench, 'tsk_nobody'), 'NOT_FOUND');
    same(await bench.snapshot(), before);
  });
}
