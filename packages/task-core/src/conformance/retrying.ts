import assert from 'node:assert/strict';
import type { Task } from '../task.js';
import { type Bench, type DeclareTest, record, rejects, same } from './bench.js';

const failure = { class: 'checks_failed', message: 'Red.' } as const;
const retry = ({ store }: Bench, id: string) => store.retry(id, record('retried'));

async function failed(bench: Bench): Promise<Task> {
  const held = await bench.run({ maxAttempts: 1 });
  return (await bench.settle(held.ref, { kind: 'failure', failure })).task;
}

export function testRetrying(test: DeclareTest): void {
  test('starts a failed task afresh with all its attempts, remembering why it failed', async (bench) => {
    const task = await failed(bench);
    const outcome = await retry(bench, task.id);
    const { status, attempt, finishedAt } = outcome.task;
    same([outcome.changed, status, attempt, finishedAt], [true, 'queued', 0, null]);
    same(outcome.task.failure, failure);
    assert.equal(bench.journal.entries().at(-1)?.kind, 'retried');
    const again = await bench.run(outcome.task);
    same([again.lease.fence, again.task.attempt], [2, 1]);
    await bench.settle(again.ref, { kind: 'done' });
    assert.equal((await bench.task(task.id)).failure, null);
  });

  test('refuses a task in any other state', async (bench) => {
    const [queued, claimed, running, done, cancelled] = [
      await bench.add(),
      await bench.hold(),
      await bench.run(),
      await bench.run(),
      await bench.add(),
    ];
    await bench.settle(done.ref, { kind: 'done' });
    await bench.store.cancel(cancelled.id, record('cancelled'));
    const blocked = await bench.add({ needs: [queued.id] });
    const before = await bench.snapshot();
    for (const { id } of [queued, claimed, running, done, cancelled, blocked]) {
      await rejects(retry(bench, id), 'WRONG_STATE');
    }
    await rejects(retry(bench, 'tsk_nobody'), 'NOT_FOUND');
    same(await bench.snapshot(), before);
  });

  test('waits again for the needs that are not met', async (bench) => {
    const need = await bench.add();
    const task = await bench.add({ needs: [need.id], onNeedFailure: 'fail' });
    await bench.store.cancel(need.id, record('cancelled'));
    assert.equal((await bench.task(task.id)).status, 'failed');
    const outcome = await retry(bench, task.id);
    same(
      [outcome.task.status, outcome.task.blockedBy],
      ['blocked', [{ kind: 'dependency', task: need.id, state: 'cancelled' }]],
    );
    const without = await bench.store.update(task.id, { removeNeeds: [need.id] }, record('updated'));
    assert.equal(without.task.status, 'queued');
  });
}
