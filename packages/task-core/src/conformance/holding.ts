import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import { type DeclareTest, type Held, MINUTE, record, rejects, same, TTL } from './bench.js';

export function testHolding(test: DeclareTest): void {
  test('starts no more attempts of an AI than it may run at once, and counts again when one has ended', async (bench) => {
    const start = (held: Held, id: string) =>
      bench.store.start(held.ref, { id, ai: 'codex', maxConcurrent: 1, data: {} }, record('started'));
    const [first, second] = [await bench.hold(), await bench.hold()];
    assert.equal((await start(first, 'att_first')).status, 'started');
    const before = await bench.task(second.id);
    const refused = await start(second, 'att_second');
    same([refused.status, 'running' in refused ? refused.running : null], ['busy', 1]);
    same(await bench.task(second.id), before);
    await bench.settle(first.ref, { kind: 'done' });
    assert.equal((await start(second, 'att_second')).status, 'started');
  });

  test('starts a claimed task and opens its attempt', async (bench) => {
    const held = await bench.hold();
    await bench.clock.advance(5);
    const outcome = await bench.store.start(
      held.ref,
      { id: 'att_x', ai: 'claude', data: { session: 's', none: null } },
      record('started'),
    );
    const now = isoTime(bench.clock.now());
    assert.equal(outcome.status, 'started');
    same(outcome.attempt, {
      id: 'att_x',
      task: held.id,
      number: 1,
      fence: 1,
      ai: 'claude',
      startedAt: now,
      finishedAt: null,
      outcome: null,
      failure: null,
      landing: null,
      data: { session: 's', none: null },
    });
    same(outcome.task, {
      ...held.task,
      status: 'running',
      attempt: 1,
      startedAt: now,
      updatedAt: now,
      version: held.task.version + 1,
    });
    same(await bench.store.attempts(held.id), [outcome.attempt]);
  });

  test('refuses to start a task twice under one lease', async (bench) => {
    const held = await bench.run();
    await rejects(bench.start(held), 'WRONG_STATE');
    assert.equal((await bench.store.attempts(held.id)).length, 1);
  });

  test('keeps the time of the first start', async (bench) => {
    const first = await bench.run();
    await bench.settle(first.ref, { kind: 'release' });
    await bench.clock.advance(MINUTE);
    const second = await bench.run(await bench.task(first.id));
    assert.equal(second.task.startedAt, first.task.startedAt);
  });

  test('renews a lease for its time, or for a new one, without a record', async (bench) => {
    const held = await bench.hold();
    const entries = bench.journal.entries().length;
    await bench.clock.advance(TTL - 1);
    const renewed = await bench.store.heartbeat(held.ref, record('lost'));
    const at = bench.clock.now();
    assert.equal(renewed.status, 'renewed');
    const lease = { ...held.task.lease, expiresAt: isoTime(at + TTL), heartbeatAt: isoTime(at) };
    same(renewed, { status: 'renewed', cancelRequested: false });
    same((await bench.task(held.id)).lease, lease);
    const shortened = await bench.store.heartbeat(held.ref, record('lost'), MINUTE);
    assert.equal(shortened.status, 'renewed');
    assert.equal((await bench.task(held.id)).lease?.expiresAt, isoTime(at + MINUTE));
    assert.equal((await bench.task(held.id)).lease?.ttlMs, MINUTE);
    assert.equal(bench.journal.entries().length, entries);
  });

  test('does not count a renewal as a change of the task', async (bench) => {
    const held = await bench.hold();
    await bench.store.heartbeat(held.ref, record('lost'));
    assert.equal((await bench.task(held.id)).version, held.task.version);
  });

  test('refuses to renew for a time that no claim would get', async (bench) => {
    const held = await bench.hold();
    const before = await bench.snapshot();
    for (const ttlMs of [0, 999, 1_500.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await rejects(bench.store.heartbeat(held.ref, record('lost'), ttlMs), 'INVALID_TTL');
    }
    same(await bench.snapshot(), before);
  });

  test('renews an expired lease while nobody has taken the task', async (bench) => {
    const held = await bench.run();
    await bench.clock.advance(3 * TTL);
    assert.equal((await bench.store.heartbeat(held.ref, record('lost'))).status, 'renewed');
    same(await bench.store.reap(record('expired')), []);
    assert.equal((await bench.settle(held.ref, { kind: 'done' })).status, 'settled');
  });

  test('writes down where a landing is going', async (bench) => {
    const held = await bench.run();
    const intent = { ref: 'refs/heads/main', old: 'a'.repeat(40), new: 'b'.repeat(40) };
    const outcome = await bench.store.intendLanding(held.ref, intent, record('landing'));
    assert.equal(outcome.status, 'recorded');
    same(outcome.attempt.landing, intent);
    same(outcome.task, await bench.task(held.id));
    await bench.settle(held.ref, { kind: 'done' });
    same((await bench.lastAttempt(held.id)).landing, intent);
  });

  test('refuses a landing of what has not been started', async (bench) => {
    const held = await bench.hold();
    const intent = { ref: 'refs/heads/main', old: 'a', new: 'b' };
    await rejects(bench.store.intendLanding(held.ref, intent, record('landing')), 'WRONG_STATE');
  });

  test('lists what is held, with the attempt and the process that executes it', async (bench) => {
    const executor = { host: 'h', boot: 'b', pid: 42, startTime: '7' };
    await bench.add();
    const claimed = await bench.hold();
    const running = await bench.run(await bench.add(), { executor });
    const finished = await bench.run();
    await bench.settle(finished.ref, { kind: 'done' });
    same(await bench.store.held(), [
      { task: claimed.task, attempt: null, executor: null },
      { task: running.task, attempt: await bench.lastAttempt(running.id), executor },
    ]);
  });
}
