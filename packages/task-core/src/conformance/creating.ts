import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import { parseTaskSpec } from '../task-spec.js';
import { type DeclareTest, MINUTE, record, rejects, same } from './bench.js';

export function testCreating(test: DeclareTest): void {
  test('gives the task an id, the first version and everything else its default', async ({ store, clock }) => {
    const spec = parseTaskSpec({ title: 'Say hello' });
    const { created, task } = await store.create(spec, 'user:ana', record('created'));
    assert.equal(created, true);
    assert.match(task.id, /^tsk_[0-9a-z]+$/);
    const { id, ...rest } = task;
    same(rest, {
      ...spec,
      status: 'queued',
      attempt: 0,
      blockedBy: [],
      cancelRequestedAt: null,
      failure: null,
      version: 1,
      createdAt: isoTime(clock.now()),
      createdBy: 'user:ana',
      updatedAt: isoTime(clock.now()),
      startedAt: null,
      finishedAt: null,
      lease: null,
    });
    same(await store.get(id), task);
  });

  test('keeps every field as it was given', async (bench) => {
    const fields = {
      title: 'Größe “x” → 🚂\nsecond line',
      description: "'; DROP TABLE task; --",
      type: 'command' as const,
      run: { argv: ['node', '-e', ''] },
      priority: -7,
      locks: [{ glob: 'src/{a,b}/**', mode: 'shared' as const }],
      labels: { team: 'core', 'a.b "c"': '' },
      capabilities: ['edit', 'shell'],
      ai: 'claude',
      checks: ['npm test'],
      maxAttempts: 1,
      timeoutMs: 90_000,
      notBefore: isoTime(bench.clock.now() + MINUTE),
      idempotencyKey: 'once',
      metadata: { nothing: null, deep: [1.5, { on: true, off: null }, 'é'] },
    };
    const { id } = await bench.add(fields);
    const { needs, ...stored } = await bench.task(id);
    same(needs, []);
    for (const [key, value] of Object.entries(fields)) same(stored[key as keyof typeof stored], value, key);
  });

  test('gives every task another id, sorting by age', async (bench) => {
    const ids = [(await bench.add()).id, (await bench.add()).id];
    await bench.clock.advance(5);
    ids.push((await bench.add()).id);
    assert.equal(new Set(ids).size, 3);
    same([...ids].sort(), ids);
  });

  test('has no task under an id that nobody created', async ({ store }) => {
    assert.equal(await store.get('tsk_nobody'), null);
    same(await store.attempts('tsk_nobody'), []);
  });

  test('adds nothing for an idempotency key that was used for the same content', async (bench) => {
    const spec = parseTaskSpec({ title: 'Once', labels: { a: '1', b: '2' }, idempotencyKey: 'k1' });
    const first = await bench.store.create(spec, 'user:ana', record('created'));
    const held = await bench.hold(first.task);
    const reordered = parseTaskSpec({ idempotencyKey: 'k1', labels: { b: '2', a: '1' }, title: 'Once' });
    const again = await bench.store.create(reordered, 'user:bob', record('created again'));
    assert.equal(again.created, false);
    same(again.task, await bench.task(held.id));
    assert.equal(again.task.status, 'claimed');
    assert.equal((await bench.store.list()).tasks.length, 1);
    assert.ok(!bench.journal.entries().some((entry) => entry.kind === 'created again'));
  });

  test('refuses an idempotency key that was used for other content', async (bench) => {
    await bench.add({ title: 'Once', idempotencyKey: 'k1' });
    const before = await bench.snapshot();
    await rejects(bench.add({ title: 'Twice', idempotencyKey: 'k1' }), 'IDEMPOTENCY_MISMATCH');
    await rejects(bench.add({ title: 'Once', priority: 1, idempotencyKey: 'k1' }), 'IDEMPOTENCY_MISMATCH');
    same(await bench.snapshot(), before);
    await bench.add({ title: 'Twice', idempotencyKey: 'k2' });
  });

  test('refuses a need that does not exist', async (bench) => {
    const need = await bench.add();
    const before = await bench.snapshot();
    await rejects(bench.add({ needs: [need.id, 'tsk_nobody'] }), 'UNKNOWN_NEED');
    same(await bench.snapshot(), before);
  });

  test('blocks a task with unmet needs and lists each of them', async (bench) => {
    const [first, second] = [await bench.add(), await bench.add()];
    const task = await bench.add({ needs: [second.id, first.id] });
    assert.equal(task.status, 'blocked');
    same(task.needs, [second.id, first.id]);
    same(task.blockedBy, [
      { kind: 'dependency', task: first.id, state: 'unmet' },
      { kind: 'dependency', task: second.id, state: 'unmet' },
    ]);
  });

  test('queues a task whose needs are done already', async (bench) => {
    const need = await bench.run();
    await bench.settle(need.ref, { kind: 'done' });
    assert.equal((await bench.add({ needs: [need.id] })).status, 'queued');
  });
}
