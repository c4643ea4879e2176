import assert from 'node:assert/strict';
import type { NeedFailureRule, Task } from '../task.js';
import { parseTaskSpec } from '../task-spec.js';
import { type Bench, type DeclareTest, record, same } from './bench.js';

const MANY = 2_000;

/** A task that many others need, and what is heard of those from now on. */
async function hub(bench: Bench, onNeedFailure: NeedFailureRule = 'block'): Promise<{ need: Task; heard: string[] }> {
  const need = await bench.add({ maxAttempts: 1, priority: 20 });
  const spec = parseTaskSpec({ title: 'a spoke', needs: [need.id], onNeedFailure });
  await bench.store.enqueueMany(
    Array.from({ length: MANY }, () => ({ spec })),
    'user:ana',
    record('created'),
  );
  const heard: string[] = [];
  bench.store.subscribe(({ type, task }) => {
    if (task.id !== need.id) heard.push(`${type} ${task.id}`);
  });
  return { need, heard };
}

function assertEachOnce(heard: readonly string[], type: string): void {
  assert.ok(heard.every((line) => line.startsWith(`${type} `)));
  same([heard.length, new Set(heard).size], [MANY, MANY]);
}

export function testHubs(test: DeclareTest): void {
  test('set all who need them free, each once, and tell the caller of a part only', async (bench) => {
    const { need, heard } = await hub(bench);
    const held = await bench.run(need);
    const outcome = await bench.settle(held.ref, { kind: 'done' });
    assert.ok(outcome.status === 'settled' && outcome.woken.length > 0 && outcome.woken.length < MANY);
    assertEachOnce(heard, 'task.unblocked');
    same((await bench.store.counts()).queued, MANY);
    same((await bench.store.counts()).blocked, 0);
  });

  test('take all with them who want to fail, each once', async (bench) => {
    const { need, heard } = await hub(bench, 'fail');
    const last = (await bench.store.dependents(need.id)).at(-1) as string;
    const after = await bench.add({ needs: [last], onNeedFailure: 'fail' });
    const held = await bench.run(need);
    await bench.settle(held.ref, { kind: 'failure', failure: { class: 'agent_error', message: 'no' } });
    assertEachOnce(
      heard.filter((line) => !line.endsWith(after.id)),
      'task.failed',
    );
    assert.equal((await bench.task(after.id)).status, 'failed');
    same((await bench.store.counts()).failed, MANY + 2);
  });

  test('leave all who want to wait blocked, without a change', async (bench) => {
    const { need, heard } = await hub(bench);
    await bench.store.cancel(need.id, record('cancelled'));
    same(heard, []);
    same((await bench.store.counts()).blocked, MANY);
    const [one] = await bench.store.dependents(need.id);
    const task = await bench.task(one as string);
    same([task.version, task.blockedBy], [1, [{ kind: 'dependency', task: need.id, state: 'cancelled' }]]);
  });

  test('tell those who come meanwhile as well', async (bench) => {
    const { need } = await hub(bench);
    const held = await bench.run(need);
    const settling = bench.settle(held.ref, { kind: 'done' });
    const [late] = await Promise.all([bench.add({ needs: [need.id] }), settling]);
    assert.equal((await bench.task(late.id)).status, 'queued');
    same((await bench.store.counts()).queued, MANY + 1);
  });
}
