import assert from 'node:assert/strict';
import { isSignalboxError } from '@signalbox/kernel';
import type { PathLock } from '../task.js';
import { parseTaskSpec } from '../task-spec.js';
import { type Bench, type DeclareTest, record, rejects, same, TTL } from './bench.js';

/** Shows that `work` fails with a coded error, and that nothing was written. */
async function assertRefused(bench: Bench, name: string, work: () => Promise<unknown>): Promise<void> {
  const before = [await bench.snapshot(), bench.journal.entries().length];
  await assert.rejects(work, (error) => isSignalboxError(error) && error.code !== '' && error.hint !== undefined, name);
  same([await bench.snapshot(), bench.journal.entries().length], before, name);
}

const GLOBS = ['', '..', '../x', 'a/../b', '/etc/passwd', 'a\0b', 'a\\b', '['.repeat(50), `${'a'.repeat(1_030)}`, '{a'];
const lock = (glob: string): PathLock => ({ glob, mode: 'exclusive' });

export function testBadInput(test: DeclareTest): void {
  test('is refused in a pattern, whoever asks for it', async (bench) => {
    const held = await bench.run();
    const task = await bench.add();
    for (const glob of GLOBS) {
      const spec = { ...parseTaskSpec({ title: 'x' }), locks: [lock('a'), lock(glob)] };
      await assertRefused(bench, `create ${glob}`, () => bench.add({ locks: [{ glob }] }));
      await assertRefused(bench, `raw ${glob}`, () => bench.store.create(spec, 'user:ana', record('created')));
      await assertRefused(bench, `many ${glob}`, () =>
        bench.store.enqueueMany([{ spec }], 'user:ana', record('created')),
      );
      const { locks } = spec;
      await assertRefused(bench, `update ${glob}`, () => bench.store.update(task.id, { locks }, record('updated')));
      await assertRefused(bench, `add ${glob}`, () => bench.store.addLock(held.ref, lock(glob), record('added')));
    }
  });

  test('is refused in a title', async (bench) => {
    for (const title of ['', '  ', 'a'.repeat(1_000_000), 'a\0b', '\ud800']) {
      await assertRefused(bench, title.slice(0, 10), () => bench.add({ title }));
    }
  });

  test('is refused in a need', async (bench) => {
    const task = await bench.add();
    for (const need of ['', 'tsk_nobody', '*', '\0', 'x'.repeat(64)]) {
      await assertRefused(bench, need, () => bench.add({ needs: [need] }));
      const patch = { addNeeds: [need] };
      await assertRefused(bench, need, () => bench.store.update(task.id, patch, record('updated')));
    }
    const patch = { addNeeds: [task.id] };
    await assertRefused(bench, 'itself', () => bench.store.update(task.id, patch, record('updated')));
  });

  test('is refused in the time of a lease', async (bench) => {
    const held = await bench.hold();
    await bench.add();
    for (const ttlMs of [-1, -TTL, 0, 1, Number.NaN, Number.POSITIVE_INFINITY, 1e15]) {
      await assertRefused(bench, `claim ${ttlMs}`, () => bench.claim({ ttlMs }));
      const request = { holder: 'user:ana', ttlMs };
      await assertRefused(bench, `many ${ttlMs}`, () => bench.store.claimMany(request, 2, record('claimed')));
      await assertRefused(bench, `beat ${ttlMs}`, () => bench.store.heartbeat(held.ref, record('lost'), ttlMs));
    }
  });

  test('is without effect as the lease of another task', async (bench) => {
    const [one, other] = [await bench.run(), await bench.run()];
    const wrong = { task: one.id, lease: other.lease.id };
    const before = await bench.snapshot();
    assert.equal((await bench.settle(wrong, { kind: 'done' })).status, 'lease_lost');
    assert.equal((await bench.store.heartbeat(wrong, record('lost'))).status, 'lease_lost');
    assert.equal((await bench.store.addLock(wrong, lock('a'), record('added'))).status, 'lease_lost');
    same(await bench.snapshot(), before);
  });

  test('is refused as other content under a key that was used', async (bench) => {
    await bench.add({ title: 'once', idempotencyKey: 'k' });
    await assertRefused(bench, 'twice', () => bench.add({ title: 'twice', idempotencyKey: 'k' }));
    await rejects(bench.add({ title: 'twice', idempotencyKey: 'k' }), 'IDEMPOTENCY_MISMATCH');
  });

  test('does not spoil what the caller has given or was given', async (bench) => {
    const spec = parseTaskSpec({ title: 'x', labels: { a: '1' }, metadata: { deep: { n: 1 } } });
    const { task } = await bench.store.create(spec, 'user:ana', record('created'));
    const before = JSON.stringify(await bench.task(task.id));
    spec.labels['a'] = '2';
    task.labels['a'] = '3';
    (task.metadata['deep'] as { n: number }).n = 4;
    (await bench.task(task.id)).needs.push('tsk_nobody');
    assert.equal(JSON.stringify(await bench.task(task.id)), before);
    assert.equal((await bench.claim()).status, 'claimed');
  });
}
