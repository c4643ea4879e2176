import assert from 'node:assert/strict';
import type { Task } from '../task.js';
import { parseTaskSpec } from '../task-spec.js';
import { type Bench, type DeclareTest, record, rejects, same } from './bench.js';

const need = ({ store }: Bench, task: Task, ...needs: Task[]) =>
  store.update(task.id, { addNeeds: needs.map(({ id }) => id) }, record('updated'));

async function chain(bench: Bench, length: number): Promise<Task[]> {
  const tasks = [await bench.add()];
  while (tasks.length < length) tasks.push(await bench.add({ needs: [tasks.at(-1)?.id ?? ''] }));
  return tasks;
}

/** Shows that the need is refused with exactly this cycle, and that nothing was written. */
async function assertRefused(bench: Bench, task: Task, wanted: Task, cycle: readonly Task[]): Promise<void> {
  const before = await bench.snapshot();
  same(await rejects(need(bench, task, wanted), 'DEPENDENCY_CYCLE'), { cycle: cycle.map(({ id }) => id) });
  same(await bench.snapshot(), before);
}

export function testCycles(test: DeclareTest): void {
  test('are refused when a task would need itself', async (bench) => {
    const task = await bench.add();
    await assertRefused(bench, task, task, [task, task]);
  });

  test('are refused when two would need each other', async (bench) => {
    const [one, two] = (await chain(bench, 2)) as [Task, Task];
    await assertRefused(bench, one, two, [one, two, one]);
  });

  test('are refused however long they are, with all of it in the details and its ends in the message', async (bench) => {
    const tasks = await chain(bench, 40);
    const [first, last] = [tasks[0], tasks.at(-1)] as [Task, Task];
    const cycle = [first, ...[...tasks].reverse()];
    await assertRefused(bench, first, last, cycle);
    const expected = new RegExp(`${first.id} needs ${last.id} needs .* more .* needs ${first.id}\\.$`);
    await assert.rejects(need(bench, first, last), expected);
  });

  test('are refused through tasks that were written in another order', async (bench) => {
    const [a, b, c, d] = [await bench.add(), await bench.add(), await bench.add(), await bench.add()];
    await need(bench, a, d);
    await need(bench, b, a);
    await need(bench, d, c);
    await assertRefused(bench, c, b, [c, b, a, d, c]);
    await need(bench, b, c);
    await assertRefused(bench, c, a, [c, a, d, c]);
  });

  test('are refused when several needs are added at once, of which one makes others change places', async (bench) => {
    const task = await bench.add();
    const dependent = await bench.add({ needs: [task.id] });
    const needs = await chain(bench, 3);
    const before = await bench.snapshot();
    const work = need(bench, task, needs.at(-1) as Task, dependent);
    same(await rejects(work, 'DEPENDENCY_CYCLE'), { cycle: [task.id, dependent.id, task.id] });
    same(await bench.snapshot(), before);
  });

  test('take nothing of the change with them', async (bench) => {
    const [one, two, other] = [...(await chain(bench, 2)), await bench.add()] as [Task, Task, Task];
    const before = await bench.snapshot();
    const patch = { title: 'new', addNeeds: [other.id, two.id] };
    await rejects(bench.store.update(one.id, patch, record('updated')), 'DEPENDENCY_CYCLE');
    same(await bench.snapshot(), before);
    same(await bench.store.dependents(other.id), []);
  });

  test('are not seen where there is none', async (bench) => {
    const top = await bench.add();
    const [left, right] = [await bench.add({ needs: [top.id] }), await bench.add({ needs: [top.id] })];
    const bottom = await bench.add({ needs: [left.id, right.id] });
    await need(bench, bottom, top);
    await need(bench, right, left);
    await bench.store.update(right.id, { removeNeeds: [left.id] }, record('updated'));
    await need(bench, left, right);
    for (const task of [top, right, left, bottom]) {
      const held = await bench.run(task);
      await bench.settle(held.ref, { kind: 'done' });
    }
  });

  test('are refused when a need that was passed over is to count again', async (bench) => {
    const passed = await bench.add({ maxAttempts: 1 });
    const task = await bench.add({ needs: [passed.id], onNeedFailure: 'ignore' });
    const later = await bench.add();
    const held = await bench.run(passed);
    await bench.settle(held.ref, { kind: 'failure', failure: { class: 'agent_error', message: 'no' } });
    await bench.store.retry(passed.id, record('retried'));
    await need(bench, passed, later);
    await need(bench, passed, task).catch(() => {});
    // Whichever of the two is refused: that each waits for the other must not come of it.
    await bench.store.update(task.id, { onNeedFailure: 'block' }, record('updated')).catch(() => {});
    for (;;) {
      const claim = await bench.claim({ start: { ai: null, data: {} } });
      if (claim.status !== 'claimed') break;
      await bench.settle({ task: claim.task.id, lease: claim.lease.id }, { kind: 'done' });
    }
    assert.equal((await bench.store.counts()).done, 3);
  });

  test('are looked for without effort in a chain of thousands', async (bench) => {
    const spec = parseTaskSpec({ title: 'a link' });
    await bench.store.enqueueMany(
      Array.from({ length: 3_000 }, (_, n) => ({
        id: idOf(n),
        spec: { ...spec, needs: n === 0 ? [] : [idOf(n - 1)] },
      })),
      'user:ana',
      record('created'),
    );
    const [first, last] = [await bench.task(idOf(0)), await bench.task(idOf(2_999))];
    const details = (await rejects(need(bench, first, last), 'DEPENDENCY_CYCLE')) as { cycle: string[] };
    assert.equal(details.cycle.length, 3_001);
  });
}

const idOf = (n: number): string => `tsk_chain${String(n).padStart(5, '0')}`;
