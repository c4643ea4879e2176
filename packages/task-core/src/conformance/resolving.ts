import assert from 'node:assert/strict';
import { parseTaskSpec } from '../task-spec.js';
import { type DeclareTest, record, rejects, same } from './bench.js';

export function testResolving(test: DeclareTest): void {
  test('completes any prefix that only one id has, with or without tsk_', async (bench) => {
    const first = (await bench.add()).id;
    await bench.clock.advance(60 * 60_000);
    const second = (await bench.add()).id;
    const parting = [...first].findIndex((char, i) => second[i] !== char) + 1;
    for (const id of [first, second]) {
      for (const end of [parting, parting + 1, id.length]) {
        assert.equal(await bench.store.resolve(id.slice(0, end)), id);
        assert.equal(await bench.store.resolve(id.slice('tsk_'.length, end)), id);
      }
    }
  });

  test('refuses a prefix that several ids have', async (bench) => {
    const ids = [(await bench.add()).id, (await bench.add()).id];
    same(await rejects(bench.store.resolve(ids[0]?.slice(0, 8) ?? ''), 'AMBIGUOUS_ID'), { matches: ids });
  });

  test('takes a whole id for its task, also when another id goes on from there', async (bench) => {
    const spec = parseTaskSpec({ title: 'A task' });
    const drafts = ['tsk_a', 'tsk_ab'].map((id) => ({ id, spec }));
    await bench.store.enqueueMany(drafts, 'user:ana', record('created'));
    for (const id of ['a', 'tsk_a']) assert.equal(await bench.store.resolve(id), 'tsk_a');
    assert.equal(await bench.store.resolve('tsk_ab'), 'tsk_ab');
  });

  test('refuses what no id begins with', async (bench) => {
    const { id } = await bench.add();
    for (const prefix of ['tsk_zzz', 'zzz', `${id}0`, '%', '_', '*', "'"]) {
      await rejects(bench.store.resolve(prefix), 'NOT_FOUND');
    }
  });

  test('takes an empty prefix for nothing, even when there is only one task', async (bench) => {
    await bench.add();
    await rejects(bench.store.resolve(''), 'NOT_FOUND');
    await rejects(bench.store.resolve('tsk_'), 'NOT_FOUND');
  });
}
