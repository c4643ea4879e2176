import assert from 'node:assert/strict';
import type { NeedFailureRule, Task } from '../task.js';
import { type Bench, type DeclareTest, record, same } from './bench.js';

const failure = { class: 'agent_error', message: 'no' } as const;

async function fail(bench: Bench, task: Task) {
  const held = await bench.run(task);
  const outcome = await bench.settle(held.ref, { kind: 'failure', failure });
  assert.equal(outcome.status, 'settled');
  assert.equal(outcome.task.status, 'failed');
  return outcome;
}

async function finish(bench: Bench, task: Task): Promise<Task[]> {
  const held = await bench.run(task);
  const outcome = await bench.settle(held.ref, { kind: 'done' });
  assert.equal(outcome.status, 'settled');
  return outcome.woken;
}

const needing = (bench: Bench, onNeedFailure: NeedFailureRule, ...needs: Task[]) =>
  bench.add({ needs: needs.map(({ id }) => id), onNeedFailure });

export function testNeedFailures(test: DeclareTest): void {
  test('block, fail or free those that need it, as each of them wants', async (bench) => {
    const need = await bench.add({ maxAttempts: 1 });
    const [blocks, fails, ignores] = [
      await needing(bench, 'block', need),
      await needing(bench, 'fail', need),
      await needing(bench, 'ignore', need),
    ];
    const { woken, failed } = await fail(bench, need);
    same([woken.map(({ id }) => id), failed.map(({ id }) => id)], [[ignores.id], [fails.id]]);
    const failedTask = await bench.task(fails.id);
    same([failedTask.status, failedTask.failure?.class, failedTask.blockedBy], ['failed', 'need_failed', []]);
    assert.ok(failedTask.finishedAt);
    assert.ok(failedTask.failure?.message.includes(need.id));
    const blockedBy = [{ kind: 'dependency', task: need.id, state: 'failed' }];
    same([(await bench.task(blocks.id)).status, (await bench.task(blocks.id)).blockedBy], ['blocked', blockedBy]);
    same((await bench.task(ignores.id)).status, 'queued');
  });

  test('go down a chain as long as each wants to fail, also past the need of another', async (bench) => {
    const root = await bench.add({ maxAttempts: 1 });
    const chain = [root];
    for (let n = 0; n < 20; n++) chain.push(await needing(bench, 'fail', chain.at(-1) as Task));
    const stops = await needing(bench, 'block', chain.at(-1) as Task);
    const goesOn = await needing(bench, 'ignore', chain.at(-1) as Task);
    await fail(bench, root);
    for (const { id } of chain) assert.equal((await bench.task(id)).status, 'failed');
    same((await bench.task(stops.id)).blockedBy, [{ kind: 'dependency', task: chain.at(-1)?.id, state: 'failed' }]);
    assert.equal((await bench.task(goesOn.id)).status, 'queued');
  });

  test('fail a task that is created when a need has failed already', async (bench) => {
    const need = await bench.add({ maxAttempts: 1 });
    await fail(bench, need);
    const late = await needing(bench, 'fail', need);
    same([late.status, late.failure?.class], ['failed', 'need_failed']);
    assert.equal((await needing(bench, 'ignore', need)).status, 'queued');
    assert.equal((await needing(bench, 'block', need)).status, 'blocked');
  });

  test('hold nobody up any more once the need is retried and gets done', async (bench) => {
    const need = await bench.add({ maxAttempts: 1 });
    const [blocks, fails] = [await needing(bench, 'block', need), await needing(bench, 'fail', need)];
    await fail(bench, need);
    const { task: again } = await bench.store.retry(need.id, record('retried'));
    same((await bench.task(blocks.id)).blockedBy, [{ kind: 'dependency', task: need.id, state: 'unmet' }]);
    assert.equal((await bench.task(fails.id)).status, 'failed');
    const revived = await bench.store.retry(fails.id, record('retried'));
    same(
      [revived.task.status, revived.task.blockedBy],
      ['blocked', [{ kind: 'dependency', task: need.id, state: 'unmet' }]],
    );
    same((await finish(bench, again)).map(({ id }) => id).sort(), [blocks.id, fails.id].sort());
  });

  test('fail a retried task again when its need fails again', async (bench) => {
    const need = await bench.add({ maxAttempts: 1 });
    const fails = await needing(bench, 'fail', need);
    await fail(bench, need);
    const { task: again } = await bench.store.retry(need.id, record('retried'));
    await bench.store.retry(fails.id, record('retried'));
    same(
      (await fail(bench, again)).failed.map(({ id }) => id),
      [fails.id],
    );
  });

  test('count each need once, however often one of them fails', async (bench) => {
    const [one, other] = [await bench.add({ maxAttempts: 1 }), await bench.add()];
    const task = await needing(bench, 'ignore', one, other);
    await fail(bench, one);
    const { task: again } = await bench.store.retry(one.id, record('retried'));
    await fail(bench, again);
    same((await bench.task(task.id)).blockedBy, [{ kind: 'dependency', task: other.id, state: 'unmet' }]);
    same(
      (await finish(bench, other)).map(({ id }) => id),
      [task.id],
    );
  });

  test('mean what the task wants of them by now', async (bench) => {
    const need = await bench.add({ maxAttempts: 1 });
    const task = await needing(bench, 'block', need);
    await fail(bench, need);
    const set = (onNeedFailure: NeedFailureRule) => bench.store.update(task.id, { onNeedFailure }, record('updated'));
    assert.equal((await set('ignore')).task.status, 'queued');
    assert.equal((await set('block')).task.status, 'blocked');
    assert.equal((await set('ignore')).task.status, 'queued');
    await bench.hold(task);
  });

  test('fail a task that comes to need one that has failed already, and who needs it', async (bench) => {
    const need = await bench.add({ maxAttempts: 1 });
    await fail(bench, need);
    const [task, other] = [await needing(bench, 'fail'), await needing(bench, 'block', need)];
    const above = await needing(bench, 'fail', task);
    const added = await bench.store.update(task.id, { addNeeds: [need.id] }, record('updated'));
    assert.equal(added.status, 'updated');
    same([added.task.status, added.task.failure?.class], ['failed', 'need_failed']);
    same(
      added.failed.map(({ id }) => id),
      [task.id, above.id],
    );
    const changed = await bench.store.update(other.id, { onNeedFailure: 'fail' }, record('updated'));
    assert.equal(changed.task.status, 'failed');
    const { task: retried } = await bench.store.retry(other.id, record('retried'));
    assert.equal(retried.status, 'blocked');
    const labelled = await bench.store.update(other.id, { labels: { a: 'b' } }, record('updated'));
    assert.equal(labelled.task.status, 'blocked');
  });
}
