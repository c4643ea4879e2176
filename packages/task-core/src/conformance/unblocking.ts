import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import type { Block, Task } from '../task.js';
import { type Bench, type DeclareTest, MINUTE, record, rejects, same } from './bench.js';

/** A task that ran and is blocked for these reasons. */
async function blocked(bench: Bench, ...blockedBy: Block[]): Promise<Task> {
  const held = await bench.run();
  const outcome = await bench.settle(held.ref, { kind: 'blocked', blockedBy });
  assert.equal(outcome.task.status, 'blocked');
  return outcome.task;
}

const approval = (decision: string): Block => ({ kind: 'approval', decision, what: 'git push' });
const human: Block = { kind: 'human', reason: 'Look at it.' };

export function testUnblocking(test: DeclareTest): void {
  test('queues the task when the approval it waited for is there', async (bench) => {
    const task = await blocked(bench, approval('pdr_1'));
    const outcome = await bench.store.unblock(task.id, (block) => block.kind === 'approval', record('unblocked'));
    same([outcome.changed, outcome.task.status, outcome.task.blockedBy], [true, 'queued', []]);
    same(outcome.woken, [await bench.task(task.id)]);
    assert.equal((await bench.claim()).status, 'claimed');
  });

  test('keeps the reasons that were not picked', async (bench) => {
    const task = await blocked(bench, approval('pdr_1'), approval('pdr_2'), human);
    const isFirst = (block: Block) => block.kind === 'approval' && block.decision === 'pdr_1';
    const outcome = await bench.store.unblock(task.id, isFirst, record('unblocked'));
    same([outcome.task.status, outcome.task.blockedBy, outcome.woken], ['blocked', [approval('pdr_2'), human], []]);
    same((await bench.store.unblock(task.id, () => true, record('unblocked'))).task.status, 'queued');
  });

  test('changes and records nothing when no reason was picked, or the task is not blocked', async (bench) => {
    const task = await blocked(bench, human);
    const [queued, held] = [await bench.add(), await bench.hold()];
    const before = [await bench.snapshot(), bench.journal.entries().length];
    const none = await bench.store.unblock(task.id, (block) => block.kind === 'approval', record('unblocked'));
    same([none.changed, none.woken], [false, []]);
    for (const { id } of [queued, held]) {
      assert.equal((await bench.store.unblock(id, () => true, record('unblocked'))).changed, false);
    }
    same([await bench.snapshot(), bench.journal.entries().length], before);
    await rejects(
      bench.store.unblock('tsk_nobody', () => true, record('unblocked')),
      'NOT_FOUND',
    );
  });

  test('does not touch needs and locks in the way', async (bench) => {
    const need = await bench.add();
    const held = await bench.run();
    const dependency: Block = { kind: 'dependency', task: need.id, state: 'unmet' };
    await bench.settle(held.ref, { kind: 'blocked', blockedBy: [human, dependency] });
    const outcome = await bench.store.unblock(held.id, () => true, record('unblocked'));
    same([outcome.task.status, outcome.task.blockedBy], ['blocked', [dependency]]);
  });

  test('happens by itself when the quota is there again', async (bench) => {
    const until = isoTime(bench.clock.now() + MINUTE);
    const task = await blocked(bench, { kind: 'quota', until });
    same(task.blockedBy, [{ kind: 'quota', until }]);
    await bench.clock.advance(MINUTE - 1);
    assert.equal((await bench.claim()).status, 'empty');
    await bench.clock.advance(1);
    same(
      (await bench.store.list({ ready: true })).tasks.map(({ id }) => id),
      [task.id],
    );
    assert.equal((await bench.claim()).status, 'claimed');
  });

  test('waits for the later one of two quotas, and for a person besides', async (bench) => {
    const quota = (minutes: number): Block => ({ kind: 'quota', until: isoTime(bench.clock.now() + minutes * MINUTE) });
    const [early, late] = [quota(1), quota(3)];
    const task = await blocked(bench, early, late, human);
    await bench.clock.advance(2 * MINUTE);
    assert.equal((await bench.claim()).status, 'empty');
    same((await bench.task(task.id)).blockedBy, [late, human]);
    await bench.clock.advance(2 * MINUTE);
    assert.equal((await bench.claim()).status, 'empty');
    same((await bench.task(task.id)).blockedBy, [human]);
  });

  test('finds what a quota held up behind very many that something else holds up too', async (bench) => {
    const quota: Block = { kind: 'quota', until: isoTime(bench.clock.now() + MINUTE) };
    for (let n = 0; n < 300; n++) await blocked(bench, quota, human);
    const late: Block = { kind: 'quota', until: isoTime(bench.clock.now() + MINUTE + 1) };
    const task = await blocked(bench, late);
    await bench.clock.advance(2 * MINUTE);
    const outcome = await bench.claim();
    same([outcome.status, 'task' in outcome && outcome.task.id], ['claimed', task.id]);
  });
}
