import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import { AGEING_MS_PER_POINT } from '../engine/put.js';
import { type Bench, type DeclareTest, MINUTE, same } from './bench.js';

const A_MONTH = 30 * 24 * 60 * MINUTE;

async function claimed(bench: Bench): Promise<string> {
  const outcome = await bench.claim({ ttlMs: A_MONTH });
  assert.equal(outcome.status, 'claimed');
  return outcome.task.id;
}

export function testAgeing(test: DeclareTest): void {
  test('lets a task of low priority come although urgent ones keep coming', async (bench) => {
    const low = await bench.add({ priority: 'low' });
    const points = 30;
    const waited = async (): Promise<number> => {
      // One urgent task more than are done is always there.
      await bench.add({ priority: 'urgent' });
      for (let n = 0; n < 2 * points; n++) {
        await bench.add({ priority: 'urgent' });
        if ((await claimed(bench)) === low.id) return n;
        await bench.clock.advance(AGEING_MS_PER_POINT);
      }
      throw new Error('it never came');
    };
    const steps = await waited();
    assert.ok(steps >= points - 1 && steps <= points + 2, `it came after ${steps} of ${points} points`);
  });

  test('weighs one point of priority against so many minutes', async (bench) => {
    const older = await bench.add();
    await bench.clock.advance(AGEING_MS_PER_POINT + 1);
    const newer = await bench.add({ priority: 1 });
    assert.equal(await claimed(bench), older.id);
    assert.equal(await claimed(bench), newer.id);
    const slightlyOlder = await bench.add();
    await bench.clock.advance(AGEING_MS_PER_POINT - 1);
    const urgent = await bench.add({ priority: 1 });
    same([await claimed(bench), await claimed(bench)], [urgent.id, slightlyOlder.id]);
  });

  test('counts from when a task could first be taken', async (bench) => {
    const delayed = await bench.add({ notBefore: isoTime(bench.clock.now() + 2 * AGEING_MS_PER_POINT) });
    await bench.clock.advance(AGEING_MS_PER_POINT);
    const between = await bench.add();
    await bench.clock.advance(2 * AGEING_MS_PER_POINT);
    same([await claimed(bench), await claimed(bench)], [between.id, delayed.id]);
  });

  test('lists as ready in the order in which they are claimed', async (bench) => {
    const old = await bench.add({ priority: -1 });
    await bench.clock.advance(3 * AGEING_MS_PER_POINT);
    const recent = await bench.add({ priority: 1 });
    const { tasks } = await bench.store.list({ ready: true });
    same(
      tasks.map(({ id }) => id),
      [old.id, recent.id],
    );
    assert.equal((await bench.store.list()).tasks[0]?.id, recent.id);
  });
}
