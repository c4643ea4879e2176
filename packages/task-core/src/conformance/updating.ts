import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import type { TaskPatch } from '../store.js';
import { type Bench, type DeclareTest, MINUTE, record, rejects, same } from './bench.js';

const update = ({ store }: Bench, id: string, patch: TaskPatch, version?: number) =>
  store.update(id, patch, record('updated'), version);

export function testUpdating(test: DeclareTest): void {
  test('changes every field that is given, and no other', async (bench) => {
    const before = await bench.add({ title: 'old', labels: { team: 'core' }, metadata: { kept: true } });
    const patch = {
      title: 'new',
      description: 'more',
      priority: 7,
      locks: [{ glob: 'src/**', mode: 'shared' as const }],
      labels: { area: 'x' },
      capabilities: ['edit'],
      ai: 'claude',
      onNeedFailure: 'ignore' as const,
      checks: ['npm test'],
      maxAttempts: 9,
      timeoutMs: 60_000,
      metadata: { n: null },
    };
    await bench.clock.advance(5);
    for (const [field, value] of Object.entries(patch)) {
      const outcome = await update(bench, before.id, { [field]: value });
      assert.equal(outcome.status, 'updated');
      same(outcome.task[field as keyof typeof patch], value, field);
    }
    const version = before.version + Object.keys(patch).length;
    same(await bench.task(before.id), { ...before, ...patch, version, updatedAt: isoTime(bench.clock.now()) });
    assert.equal(bench.journal.entries().at(-1)?.kind, 'updated');
  });

  test('does so only while the task has the version that is expected', async (bench) => {
    const seen = await bench.add();
    await update(bench, seen.id, { title: 'first' }, seen.version);
    const before = await bench.snapshot();
    const late = await update(bench, seen.id, { title: 'second' }, seen.version);
    same(late, { status: 'stale', task: await bench.task(seen.id) });
    same(await bench.snapshot(), before);
  });

  test('moves a task in line when its priority changes', async (bench) => {
    const [first, second] = [await bench.add(), await bench.add()];
    await update(bench, second.id, { priority: 10 });
    const taken = await bench.claim();
    same([taken.status, 'task' in taken && taken.task.id], ['claimed', second.id]);
    same((await bench.store.list()).tasks[0]?.id, second.id);
    assert.equal((await bench.hold(first)).id, first.id);
  });

  test('puts a task off, and lets it come again', async (bench) => {
    const task = await bench.add();
    await update(bench, task.id, { notBefore: isoTime(bench.clock.now() + MINUTE) });
    assert.equal((await bench.claim()).status, 'empty');
    await update(bench, task.id, { notBefore: null });
    assert.equal((await bench.claim()).status, 'claimed');
  });

  test('blocks a task by a need that is added, and frees it when the last one is removed', async (bench) => {
    const [one, two, task] = [await bench.add(), await bench.add(), await bench.add()];
    const blocked = await update(bench, task.id, { addNeeds: [one.id, two.id, one.id] });
    same([blocked.task.status, blocked.task.needs], ['blocked', [one.id, two.id]]);
    same(
      blocked.task.blockedBy.map((block) => 'task' in block && block.task),
      [one.id, two.id],
    );
    same(await bench.store.dependents(one.id), [task.id]);
    assert.equal((await update(bench, task.id, { removeNeeds: [one.id] })).task.status, 'blocked');
    const freed = await update(bench, task.id, { removeNeeds: [two.id] });
    same([freed.task.status, freed.task.needs, freed.task.blockedBy], ['queued', [], []]);
    same(await bench.store.dependents(one.id), []);
    const done = await bench.run(one);
    const outcome = await bench.settle(done.ref, { kind: 'done' });
    same(outcome.status === 'settled' && outcome.woken, []);
  });

  test('does not wait for a need that is done already', async (bench) => {
    const need = await bench.run();
    await bench.settle(need.ref, { kind: 'done' });
    const task = await bench.add();
    assert.equal((await update(bench, task.id, { addNeeds: [need.id] })).task.status, 'queued');
  });

  test('looks afresh at the locks of a task that waits for one', async (bench) => {
    await bench.hold({ locks: [{ glob: 'a' }] });
    const waiter = await bench.add({ locks: [{ glob: 'a' }] });
    await bench.claim();
    assert.equal((await bench.task(waiter.id)).status, 'blocked');
    const { task } = await update(bench, waiter.id, { locks: [{ glob: 'b', mode: 'exclusive' }] });
    same([task.status, task.blockedBy], ['queued', []]);
    assert.equal((await bench.claim()).status, 'claimed');
  });

  test('keeps what the work rests on as it is while somebody holds the task, and after it has ended', async (bench) => {
    const claimed = await bench.hold();
    const running = await bench.run();
    const ended = await bench.run();
    await bench.settle(ended.ref, { kind: 'done' });
    const other = await bench.add();
    const before = await bench.snapshot();
    const patches: TaskPatch[] = [
      { title: 'x' },
      { locks: [] },
      { addNeeds: [other.id] },
      { removeNeeds: [other.id] },
      { notBefore: null },
      { checks: [], labels: {} },
    ];
    for (const { id } of [claimed, running, ended]) {
      for (const patch of patches) await rejects(update(bench, id, patch), 'WRONG_STATE');
    }
    same(await bench.snapshot(), before);
    for (const { id } of [claimed, running, ended]) {
      const patch = { labels: { seen: 'yes' }, metadata: { n: 1 }, priority: 3 };
      const { task } = await update(bench, id, patch);
      same([task.labels, task.metadata, task.priority], [patch.labels, patch.metadata, 3]);
    }
    assert.equal((await bench.settle(running.ref, { kind: 'done' })).status, 'settled');
  });

  test('refuses a task that does not exist, and needs that are not there', async (bench) => {
    const [task, other] = [await bench.add(), await bench.add()];
    const before = await bench.snapshot();
    await rejects(update(bench, 'tsk_nobody', { title: 'x' }), 'NOT_FOUND');
    await rejects(update(bench, task.id, { title: 'x', addNeeds: ['tsk_nobody'] }), 'UNKNOWN_NEED');
    await rejects(update(bench, task.id, { title: 'x', removeNeeds: [other.id] }), 'UNKNOWN_NEED');
    same(await bench.snapshot(), before);
  });
}
