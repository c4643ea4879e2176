import assert from 'node:assert/strict';
import type { Task } from '../task.js';
import { type Bench, type DeclareTest, record, same } from './bench.js';

/** Runs `task` to its end and returns what that woke. */
async function finish(bench: Bench, task: Task): Promise<Task[]> {
  const held = await bench.run(task);
  const outcome = await bench.settle(held.ref, { kind: 'done' });
  assert.equal(outcome.status, 'settled');
  return outcome.woken;
}

export function testDependencies(test: DeclareTest): void {
  test('are queued when the last need is done', async (bench) => {
    const [one, two] = [await bench.add(), await bench.add()];
    const task = await bench.add({ needs: [one.id, two.id], priority: 20 });
    assert.equal((await bench.claim({ task: task.id })).status, 'blocked');
    same(await finish(bench, one), []);
    same((await bench.task(task.id)).blockedBy, [{ kind: 'dependency', task: two.id, state: 'unmet' }]);
    same(await finish(bench, two), [await bench.task(task.id)]);
    assert.equal((await bench.task(task.id)).status, 'queued');
    await bench.hold(task);
  });

  test('are all queued by the need they share, and by nothing that it needed itself', async (bench) => {
    const root = await bench.add();
    const middle = await bench.add({ needs: [root.id] });
    const leaves = [await bench.add({ needs: [middle.id] }), await bench.add({ needs: [middle.id] })];
    same(
      (await finish(bench, root)).map((task) => task.id),
      [middle.id],
    );
    same(
      (await finish(bench, middle)).map((task) => task.id).sort(),
      leaves.map((task) => task.id),
    );
  });

  test('stay out of reach while the need is claimed, runs or is given back', async (bench) => {
    const need = await bench.add();
    const task = await bench.add({ needs: [need.id] });
    const held = await bench.run(need);
    assert.equal((await bench.claim()).status, 'empty');
    await bench.settle(held.ref, { kind: 'release' });
    assert.equal((await bench.task(task.id)).status, 'blocked');
  });

  test('stay blocked with the reason when a need fails', async (bench) => {
    const need = await bench.run({ maxAttempts: 1 });
    const task = await bench.add({ needs: [need.id] });
    const failure = { class: 'agent_error', message: 'no' } as const;
    const outcome = await bench.settle(need.ref, { kind: 'failure', failure });
    assert.equal(outcome.status, 'settled');
    same(outcome.woken, []);
    const blockedBy = [{ kind: 'dependency', task: need.id, state: 'failed' }];
    same([(await bench.task(task.id)).status, (await bench.task(task.id)).blockedBy], ['blocked', blockedBy]);
    const late = await bench.add({ needs: [need.id] });
    same([late.status, late.blockedBy], ['blocked', blockedBy]);
  });

  test('go on when a failed need is started afresh and gets done', async (bench) => {
    const need = await bench.run({ maxAttempts: 1 });
    const task = await bench.add({ needs: [need.id] });
    await bench.settle(need.ref, { kind: 'failure', failure: { class: 'agent_error', message: 'no' } });
    const { task: fresh } = await bench.store.requeue(need.id, record('requeued'));
    same((await bench.task(task.id)).blockedBy, [{ kind: 'dependency', task: need.id, state: 'unmet' }]);
    same(
      (await finish(bench, fresh)).map((woken) => woken.id),
      [task.id],
    );
  });
}
