import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import type { Failure } from '../task.js';
import { type DeclareTest, rejects, same } from './bench.js';

const failure: Failure = { class: 'agent_error', message: 'It gave up.' };

export function testSettling(test: DeclareTest): void {
  test('finishes a running task and its attempt', async (bench) => {
    const held = await bench.run();
    await bench.clock.advance(7);
    const outcome = await bench.settle(held.ref, { kind: 'done' });
    const now = isoTime(bench.clock.now());
    assert.equal(outcome.status, 'settled');
    same(outcome.task, {
      ...held.task,
      status: 'done',
      finishedAt: now,
      updatedAt: now,
      lease: null,
      version: held.task.version + 1,
    });
    same(await bench.task(held.id), outcome.task);
    same(outcome.attempt, await bench.lastAttempt(held.id));
    same([outcome.attempt?.outcome, outcome.attempt?.finishedAt], ['succeeded', now]);
    same(outcome.woken, []);
  });

  test('gives a task back with the time before which it is not to start', async (bench) => {
    const notBefore = isoTime(bench.clock.now() + 60_000);
    const held = await bench.run({ notBefore }, { ignoreNotBefore: true });
    await bench.settle(held.ref, { kind: 'release' });
    const { status, notBefore: kept } = await bench.task(held.id);
    same([status, kept], ['queued', notBefore]);
    same((await bench.claim()).status, 'empty');
  });

  test('remembers why the last attempt failed when a later one only waits', async (bench) => {
    const first = await bench.run();
    await bench.settle(first.ref, { kind: 'failure', failure });
    const again = await bench.run(await bench.task(first.id));
    await bench.settle(again.ref, { kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'Look.' }] });
    same((await bench.task(first.id)).failure, failure);
  });

  test('refuses to finish a task that was never started', async (bench) => {
    const held = await bench.hold();
    const before = await bench.snapshot();
    await rejects(bench.settle(held.ref, { kind: 'done' }), 'WRONG_STATE');
    same(await bench.snapshot(), before);
  });

  test('adds what the executor reports to the data of the attempt, keeping nulls', async (bench) => {
    const held = await bench.run();
    await bench.settle(held.ref, { kind: 'done' }, { commit: null, usage: { tokens: 5, cost: null } });
    same((await bench.lastAttempt(held.id)).data, {
      workspace: '/tmp/w',
      session: null,
      commit: null,
      usage: { tokens: 5, cost: null },
    });
  });

  test('takes a task back without an attempt spent', async (bench) => {
    const claimed = await bench.hold();
    const untouched = await bench.settle(claimed.ref, { kind: 'release' });
    assert.equal(untouched.status, 'settled');
    assert.equal(untouched.attempt, null);
    same([untouched.task.status, untouched.task.attempt, untouched.task.lease], ['queued', 0, null]);
    const running = await bench.run(untouched.task);
    const released = await bench.settle(running.ref, { kind: 'release' });
    same([released.task.status, released.task.attempt], ['queued', 0]);
    const attempt = await bench.lastAttempt(running.id);
    same([attempt.outcome, attempt.failure], ['released', null]);
  });

  test('blocks a task with the reasons given and no attempt spent', async (bench) => {
    const held = await bench.run();
    const blockedBy = [
      { kind: 'approval', decision: 'pdr_1', what: 'git push' },
      { kind: 'human', reason: 'Look at it.' },
    ] as const;
    const denied: Failure = { class: 'policy_denied', message: 'No.' };
    const outcome = await bench.settle(held.ref, { kind: 'blocked', blockedBy: [...blockedBy], failure: denied });
    assert.equal(outcome.status, 'settled');
    same([outcome.task.status, outcome.task.attempt, outcome.task.lease], ['blocked', 0, null]);
    same(outcome.task.blockedBy, blockedBy);
    same(outcome.task.failure, denied);
    same([outcome.attempt?.outcome, outcome.attempt?.failure], ['blocked', denied]);
    assert.equal((await bench.claim()).status, 'empty');
  });

  test('queues at once what is to wait for nothing', async (bench) => {
    const held = await bench.run();
    const outcome = await bench.settle(held.ref, { kind: 'blocked', blockedBy: [] });
    assert.equal(outcome.task.status, 'queued');
    assert.equal((await bench.claim()).status, 'claimed');
  });

  test('queues a task that its holder gave up before the start, with the reason and no attempt spent', async (bench) => {
    const held = await bench.hold();
    const outcome = await bench.settle(held.ref, { kind: 'failure', failure });
    same([outcome.task.status, outcome.task.attempt], ['queued', 0]);
    same(outcome.task.failure, failure);
    same(await bench.store.attempts(held.id), []);
  });

  test('remembers the last failure until an attempt succeeds', async (bench) => {
    const failed = await bench.run();
    await bench.settle(failed.ref, { kind: 'failure', failure });
    const again = await bench.run(failed.task);
    same(again.task.failure, failure);
    await bench.settle(again.ref, { kind: 'release' });
    same((await bench.task(failed.id)).failure, failure);
    const third = await bench.run(failed.task);
    await bench.settle(third.ref, { kind: 'done' });
    assert.equal((await bench.task(failed.id)).failure, null);
    const outcomes = (await bench.store.attempts(failed.id)).map(({ fence, number, outcome }) => [
      fence,
      number,
      outcome,
    ]);
    same(outcomes, [
      [1, 1, 'failed'],
      [2, 2, 'released'],
      [3, 2, 'succeeded'],
    ]);
  });
}
