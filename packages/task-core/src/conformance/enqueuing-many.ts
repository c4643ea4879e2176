import assert from 'node:assert/strict';
import type { TaskDraft } from '../store.js';
import { parseTaskSpec, type TaskSpecInput } from '../task-spec.js';
import { type Bench, type DeclareTest, record, rejects, same } from './bench.js';

const draft = (id: string | null, fields: Partial<TaskSpecInput> = {}): TaskDraft => ({
  spec: parseTaskSpec({ title: id || 'unnamed', ...fields }),
  ...(id === null ? {} : { id }),
});

const enqueue = ({ store }: Bench, ...drafts: TaskDraft[]) => store.enqueueMany(drafts, 'user:ana', record('created'));

export function testEnqueuingMany(test: DeclareTest): void {
  test('adds all of them in one record, and answers in the order given', async (bench) => {
    const outcomes = await enqueue(bench, draft('tsk_b'), draft(null), draft('tsk_a', { priority: 5 }));
    same(
      outcomes.map(({ created, task }) => [created, task.title, task.status]),
      [
        [true, 'tsk_b', 'queued'],
        [true, 'unnamed', 'queued'],
        [true, 'tsk_a', 'queued'],
      ],
    );
    for (const { task } of outcomes) same(await bench.task(task.id), task);
    assert.match(outcomes[1]?.task.id ?? '', /^tsk_[0-9a-z]+$/);
    assert.equal(bench.journal.entries().length, 1);
  });

  test('lets each need any other, also one that comes later', async (bench) => {
    const earlier = await bench.add();
    const outcomes = await enqueue(
      bench,
      draft('tsk_last', { needs: ['tsk_middle', earlier.id] }),
      draft('tsk_middle', { needs: ['tsk_first'] }),
      draft('tsk_first'),
    );
    same(
      outcomes.map(({ task }) => task.status),
      ['blocked', 'blocked', 'queued'],
    );
    same((await bench.task('tsk_last')).needs, ['tsk_middle', earlier.id]);
    for (const id of [earlier.id, 'tsk_first', 'tsk_middle', 'tsk_last']) {
      const held = await bench.run(await bench.task(id));
      await bench.settle(held.ref, { kind: 'done' });
    }
  });

  test('adds none when they need each other in a circle, and says in which', async (bench) => {
    const work = enqueue(
      bench,
      draft('tsk_free'),
      draft('tsk_a', { needs: ['tsk_b'] }),
      draft('tsk_b', { needs: ['tsk_free', 'tsk_c'] }),
      draft('tsk_c', { needs: ['tsk_a'] }),
      draft('tsk_after', { needs: ['tsk_a'] }),
    );
    await assert.rejects(work, /tsk_a needs tsk_b needs tsk_c needs tsk_a/);
    same(await rejects(work, 'DEPENDENCY_CYCLE'), { cycle: ['tsk_a', 'tsk_b', 'tsk_c', 'tsk_a'] });
    await rejects(enqueue(bench, draft('tsk_self', { needs: ['tsk_self'] })), 'DEPENDENCY_CYCLE');
    same((await bench.store.list()).tasks, []);
    same(bench.journal.entries(), []);
  });

  test('adds none when one of them cannot be added', async (bench) => {
    const there = await bench.add({ idempotencyKey: 'k' });
    const before = await bench.snapshot();
    const good = draft('tsk_good');
    await rejects(enqueue(bench, good, draft(null, { needs: ['tsk_nobody'] })), 'UNKNOWN_NEED');
    await rejects(enqueue(bench, good, draft(there.id)), 'ID_TAKEN');
    await rejects(enqueue(bench, good, draft('tsk_good')), 'ID_TAKEN');
    await rejects(enqueue(bench, good, draft(null, { idempotencyKey: 'k' })), 'IDEMPOTENCY_MISMATCH');
    for (const id of ['', 'good', 'tsk_', 'tsk_A', 'tsk_a b', `tsk_${'a'.repeat(61)}`]) {
      await rejects(enqueue(bench, good, draft(id)), 'ID_TAKEN');
    }
    same(await bench.snapshot(), before);
    assert.equal((await enqueue(bench, good))[0]?.created, true);
  });

  test('answers with the earlier task for an idempotency key that was used for the same content', async (bench) => {
    const there = await bench.add({ title: 'once', idempotencyKey: 'k' });
    const again = draft(null, { title: 'once', idempotencyKey: 'k' });
    const outcomes = await enqueue(bench, again, draft(null, { title: 'new', needs: [there.id] }));
    same(
      outcomes.map(({ created }) => created),
      [false, true],
    );
    assert.equal(outcomes[0]?.task.id, there.id);
  });

  test('takes none at all', async (bench) => {
    same(await enqueue(bench), []);
  });
}
