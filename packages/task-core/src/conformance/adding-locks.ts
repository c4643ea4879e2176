import assert from 'node:assert/strict';
import { MAX_LOCKS, type PathLock } from '../task.js';
import { type Bench, type DeclareTest, type Held, record, rejects, same, TTL } from './bench.js';

const exclusive = (glob: string): PathLock => ({ glob, mode: 'exclusive' });
const add = ({ store }: Bench, held: Held, lock: PathLock) => store.addLock(held.ref, lock, record('lock added'));

export function testAddingLocks(test: DeclareTest): void {
  test('keeps others off the path from then on, until the holder lets go', async (bench) => {
    const held = await bench.run();
    const outcome = await add(bench, held, exclusive('src/**'));
    assert.equal(outcome.status, 'granted');
    same(outcome.task.locks, [exclusive('src/**')]);
    same(await bench.task(held.id), outcome.task);
    const rival = await bench.add({ locks: [exclusive('src/a')] });
    assert.equal((await bench.claim({ task: rival.id })).status, 'locked');
    await bench.settle(held.ref, { kind: 'done' });
    await bench.hold(rival);
  });

  test('says who is in the way, and changes nothing', async (bench) => {
    const holder = await bench.hold({ locks: [exclusive('a/**')] });
    const held = await bench.hold({ locks: [exclusive('b')] });
    const before = await bench.snapshot();
    const outcome = await add(bench, held, exclusive('a/x'));
    same(outcome, {
      status: 'locked',
      task: held.task,
      conflicts: [{ task: holder.id, glob: 'a/**', wanted: 'a/x' }],
    });
    same(await bench.snapshot(), before);
  });

  test('grants what the task has already, without a change', async (bench) => {
    const held = await bench.hold({ locks: [exclusive('a')] });
    const outcome = await add(bench, held, exclusive('a'));
    same(outcome, { status: 'granted', task: held.task });
  });

  test('lets shared ones overlap, and not become exclusive while others share them', async (bench) => {
    const shared: PathLock = { glob: 'docs/**', mode: 'shared' };
    const [one, other] = [await bench.hold(), await bench.hold()];
    for (const held of [one, other]) assert.equal((await add(bench, held, shared)).status, 'granted');
    assert.equal((await add(bench, one, exclusive('docs/**'))).status, 'locked');
    await bench.settle(other.ref, { kind: 'release' });
    assert.equal((await add(bench, one, exclusive('docs/**'))).status, 'granted');
  });

  test('takes them with the next claim, since they have become the task’s own', async (bench) => {
    const held = await bench.hold();
    await add(bench, held, exclusive('a'));
    await bench.settle(held.ref, { kind: 'release' });
    const rival = await bench.hold({ locks: [exclusive('a')] });
    assert.equal((await bench.claim({ task: held.id })).status, 'locked');
    await bench.settle(rival.ref, { kind: 'release' });
    await bench.hold(held.task);
  });

  test('has no effect for a holder that lost the task', async (bench) => {
    const held = await bench.hold();
    await bench.clock.advance(TTL);
    await bench.store.reap(record('expired'));
    const before = await bench.snapshot();
    assert.equal((await add(bench, held, exclusive('a'))).status, 'lease_lost');
    assert.equal(bench.journal.entries().at(-1)?.kind, 'lock added');
    same(await bench.snapshot(), before);
  });

  test('refuses more than a task may have, to an update as well, also while another holds what is asked for', async (bench) => {
    const locks = Array.from({ length: MAX_LOCKS }, (_, n) => exclusive(`a/${n}`));
    const held = await bench.hold({ locks });
    const other = await bench.hold({ locks: [exclusive('b')] });
    const waiting = await bench.add({ locks: locks.slice(1) });
    const before = await bench.snapshot();
    await rejects(add(bench, held, exclusive('c')), 'INVALID_TASK');
    await rejects(add(bench, held, exclusive('b')), 'INVALID_TASK');
    const more = { locks: [...locks, exclusive('c')] };
    await rejects(bench.store.update(waiting.id, more, record('updated')), 'INVALID_TASK');
    same(await bench.snapshot(), before);
    assert.equal((await add(bench, held, exclusive('a/0'))).status, 'granted');
    await bench.settle(other.ref, { kind: 'release' });
    await rejects(add(bench, held, exclusive('b')), 'INVALID_TASK');
    await bench.store.update(waiting.id, { locks }, record('updated'));
  });
}
