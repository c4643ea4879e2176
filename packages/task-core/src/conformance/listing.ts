import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import type { TaskFilter } from '../store.js';
import { type Bench, type DeclareTest, MINUTE, rejects, same, titles } from './bench.js';

/** The titles of all pages of two. */
async function readPages({ store }: Bench, filter: TaskFilter): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.list({ ...filter, limit: 2, ...(cursor === null ? {} : { cursor }) });
    assert.ok(page.tasks.length <= 2);
    seen.push(...titles(page));
    cursor = page.next;
  } while (cursor !== null);
  return seen;
}

export function testListing(test: DeclareTest): void {
  test('puts the most urgent first and the oldest first among equals', async (bench) => {
    for (const [title, priority] of [
      ['c', 0],
      ['d', 0],
      ['a', 20],
      ['e', -10],
      ['b', 10],
    ] as const) {
      await bench.add({ title, priority });
    }
    same(titles(await bench.store.list()), ['a', 'b', 'c', 'd', 'e']);
    same(titles(await bench.store.list({ sort: 'created' })), ['c', 'd', 'a', 'e', 'b']);
  });

  test('puts the latest changed first when asked to', async (bench) => {
    const first = await bench.add({ title: 'first' });
    await bench.clock.advance(1);
    await bench.add({ title: 'second' });
    await bench.clock.advance(1);
    await bench.hold(first);
    same(titles(await bench.store.list({ sort: 'updated' })), ['first', 'second']);
  });

  test('filters by status, pinned AI and labels together', async (bench) => {
    await bench.add({ title: 'both', labels: { team: 'core', area: 'x' }, ai: 'claude' });
    await bench.add({ title: 'one', labels: { team: 'core' } });
    await bench.add({ title: 'other', labels: { team: 'web', area: 'x' }, ai: 'codex' });
    await bench.hold({ title: 'held', labels: { team: 'core', area: 'x' } });
    const found = async (filter: TaskFilter) => titles(await bench.store.list(filter));
    same(await found({ labels: { team: 'core' } }), ['both', 'one', 'held']);
    same(await found({ labels: { team: 'core', area: 'x' } }), ['both', 'held']);
    same(await found({ labels: { team: 'core', area: 'x' }, status: ['queued'] }), ['both']);
    same(await found({ status: ['queued', 'claimed'] }), ['both', 'one', 'other', 'held']);
    same(await found({ ai: 'codex' }), ['other']);
    same(await found({ labels: { team: 'nobody' } }), []);
  });

  test('lists as ready what a claim could take now', async (bench) => {
    const ready = await bench.add({ title: 'ready' });
    await bench.add({ title: 'blocked', needs: [ready.id] });
    await bench.hold({ title: 'held' });
    await bench.add({ title: 'delayed', notBefore: isoTime(bench.clock.now() + MINUTE) });
    same(titles(await bench.store.list({ ready: true })), ['ready']);
    await bench.clock.advance(MINUTE);
    same(titles(await bench.store.list({ ready: true })), ['ready', 'delayed']);
  });

  test('lists those behind the ready ones also when a page ends between them', async (bench) => {
    const holder = await bench.run({ locks: [{ glob: 'a' }] });
    for (const title of ['first', 'second', 'third']) await bench.add({ title, locks: [{ glob: 'a' }] });
    await bench.claim();
    await bench.settle(holder.ref, { kind: 'done' });
    await bench.add({ title: 'free' });
    same(await readPages(bench, { ready: true }), ['first', 'free', 'second', 'third']);
  });

  test('gives every task exactly once over all pages, in the same order', async (bench) => {
    for (let i = 0; i < 7; i++) {
      await bench.add({ title: `t${i}`, priority: i % 3 });
      await bench.clock.advance(i % 2);
    }
    for (const sort of ['priority', 'created', 'updated'] as const) {
      same(await readPages(bench, { sort }), titles(await bench.store.list({ sort })), sort);
    }
    assert.equal((await bench.store.list({ limit: 7 })).next, null);
    assert.equal((await bench.store.list({ limit: 0 })).tasks.length, 1);
    assert.equal((await bench.store.list({ limit: 1_000_000 })).tasks.length, 7);
  });

  test('skips nothing when tasks leave the list between two pages', async (bench) => {
    for (const title of ['a', 'b', 'c', 'd']) await bench.add({ title });
    const first = await bench.store.list({ status: ['queued'], limit: 2 });
    assert.ok(first.next);
    for (const task of first.tasks) await bench.hold(task);
    const second = await bench.store.list({ status: ['queued'], limit: 2, cursor: first.next });
    same(titles(second), ['c', 'd']);
  });

  test('refuses a cursor that is not one, or is one of another sort', async (bench) => {
    for (const title of ['a', 'b']) await bench.add({ title });
    const { next } = await bench.store.list({ limit: 1 });
    assert.ok(next);
    for (const cursor of ['', '1', 'priority', '-1', `${next}0x`]) {
      await rejects(bench.store.list({ cursor }), 'INVALID_CURSOR');
    }
    await rejects(bench.store.list({ cursor: next, sort: 'created' }), 'INVALID_CURSOR');
  });

  test('counts the tasks of every status', async (bench) => {
    const none = { queued: 0, claimed: 0, running: 0, blocked: 0, done: 0, failed: 0, cancelled: 0 };
    same(await bench.store.counts(), none);
    const queued = await bench.add();
    await bench.add({ needs: [queued.id] });
    await bench.hold();
    await bench.run();
    same(await bench.store.counts(), { ...none, queued: 1, blocked: 1, claimed: 1, running: 1 });
  });
}
