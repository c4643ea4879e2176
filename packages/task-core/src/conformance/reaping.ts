import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import { parseTaskSpec } from '../task-spec.js';
import { type DeclareTest, record, same, TTL } from './bench.js';

export function testReaping(test: DeclareTest): void {
  test('is done before a claim by name, however many leases have run out', async (bench) => {
    const drafts = Array.from({ length: 200 }, () => ({ spec: parseTaskSpec({ title: 'A task' }) }));
    await bench.store.enqueueMany(drafts, 'user:ana', record('created'));
    const { claimed } = await bench.store.claimMany({ holder: 'user:ana', ttlMs: TTL }, 200, record('claimed'));
    await bench.clock.advance(TTL);
    const last = claimed.at(-1)?.task.id ?? '';
    const outcome = await bench.claim({ task: last });
    same([outcome.status, outcome.expired.length], ['claimed', 200]);
  });

  test('finds nothing while every lease has time left, and records nothing', async (bench) => {
    await bench.hold();
    await bench.clock.advance(TTL - 1);
    const entries = bench.journal.entries().length;
    same(await bench.store.reap(record('expired')), []);
    assert.equal(bench.journal.entries().length, entries);
  });

  test('queues a task that had not started, as if it had never been claimed', async (bench) => {
    const before = await bench.add();
    const held = await bench.hold(before);
    await bench.clock.advance(TTL);
    const reaped = await bench.store.reap(record('expired'));
    const updatedAt = isoTime(bench.clock.now());
    same(reaped, [{ ...before, updatedAt, version: held.task.version + 1 }]);
    same(await bench.store.attempts(before.id), []);
    assert.equal(bench.journal.entries().at(-1)?.kind, 'expired');
  });

  test('counts the attempt of a task that had started', async (bench) => {
    const held = await bench.run();
    await bench.clock.advance(TTL);
    const [task] = await bench.store.reap(record('expired'));
    same([task?.status, task?.attempt, task?.notBefore], ['queued', 1, null]);
    assert.equal(task?.failure?.class, 'lease_lost');
    const attempt = await bench.lastAttempt(held.id);
    same([attempt.outcome, attempt.failure?.class], ['lost', 'lease_lost']);
    assert.ok(attempt.finishedAt);
  });

  test('fails a task that ran out of attempts and of time at once', async (bench) => {
    const held = await bench.run({ maxAttempts: 1 });
    await bench.clock.advance(TTL);
    const outcome = await bench.claim();
    assert.equal(outcome.status, 'empty');
    same(outcome.expired, [await bench.task(held.id)]);
    assert.equal(outcome.expired[0]?.status, 'failed');
  });

  test('keeps what is known of an earlier failure when a claim expires before its start', async (bench) => {
    const failed = await bench.run();
    await bench.settle(failed.ref, { kind: 'failure', failure: { class: 'checks_failed', message: 'Red.' } });
    await bench.hold(failed.task);
    await bench.clock.advance(TTL);
    const [task] = await bench.store.reap(record('expired'));
    same([task?.attempt, task?.failure?.class], [1, 'checks_failed']);
  });

  test('ends only the leases past their time, the oldest first', async (bench) => {
    const long = await bench.hold({}, { ttlMs: 3 * TTL });
    const second = await bench.hold({}, { ttlMs: TTL });
    const first = await bench.hold({}, { ttlMs: TTL / 2 });
    await bench.clock.advance(2 * TTL);
    const reaped = await bench.store.reap(record('expired'));
    same(
      reaped.map((task) => task.id),
      [first.id, second.id],
    );
    same(
      (await bench.store.held()).map(({ task }) => task.id),
      [long.id],
    );
  });
}
