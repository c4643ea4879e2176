import assert from 'node:assert/strict';
import { isoTime } from '@signalbox/kernel';
import type { Attempt, Failure, FailureClass, Task } from '../task.js';
import { type Bench, type DeclareTest, MINUTE, rejects, same, TTL } from './bench.js';

const SECOND = 1_000;

async function fail(bench: Bench, task: Task, failure: Failure): Promise<Task> {
  const held = await bench.run(task, { ignoreNotBefore: true });
  const outcome = await bench.settle(held.ref, { kind: 'failure', failure });
  assert.equal(outcome.status, 'settled');
  same(outcome.attempt?.failure, failure);
  return outcome.task;
}

const of = (name: FailureClass): Failure => ({ class: name, message: `It was ${name}.` });

export function testFailures(test: DeclareTest): void {
  test('is tried again at once when the agent, its output or the checks were wrong', async (bench) => {
    for (const name of ['agent_error', 'invalid_output', 'checks_failed', 'lease_lost'] as const) {
      const task = await fail(bench, await bench.add(), of(name));
      same([task.status, task.attempt, task.notBefore], ['queued', 1, null], name);
      same(task.failure, of(name));
      assert.equal((await bench.lastAttempt(task.id)).outcome, 'failed');
      const next = await bench.hold(task);
      await bench.clock.advance(TTL);
      assert.equal(next.lease.fence, 2);
    }
  });

  test('is tried again later, and later each time, when the surroundings failed', async (bench) => {
    const delays = new Set<number>();
    for (const name of ['transient', 'timeout', 'stalled', 'crashed'] as const) {
      let task = await bench.add({ maxAttempts: 8 });
      for (const longest of [10, 20, 40, 80, 160, 300, 300]) {
        task = await fail(bench, task, of(name));
        assert.equal(task.status, 'queued');
        const delay = task.notBefore === null ? 0 : Date.parse(task.notBefore) - bench.clock.now();
        assert.ok(delay >= 0 && delay <= longest * SECOND, `${name}: ${delay} ms`);
        delays.add(delay);
      }
      assert.equal(task.attempt, 7);
    }
    assert.ok(delays.size > 20, 'what failed together does not come back together');
  });

  test('spends no attempt where the holder says when to try again, and tells the next one all the same', async (bench) => {
    const task = await bench.add({ maxAttempts: 1 });
    const failure = of('checks_failed');
    for (const [retryAt, expected] of [
      [bench.clock.now() + MINUTE, MINUTE],
      [bench.clock.now() - MINUTE, null],
      [Number.POSITIVE_INFINITY, null],
    ] as const) {
      const held = await bench.run(task, { ignoreNotBefore: true });
      const outcome = await bench.settle(held.ref, { kind: 'failure', failure, retryAt });
      const { status, attempt, notBefore, failure: told } = outcome.task;
      if (!Number.isFinite(retryAt)) {
        // No time at all: as if nothing was said.
        same([status, attempt], ['failed', 1]);
        continue;
      }
      const delay = notBefore === null ? null : Date.parse(notBefore) - bench.clock.now();
      same([status, attempt, delay, told], ['queued', 0, expected, failure]);
      same((await bench.lastAttempt(task.id)).failure, failure);
    }
  });

  test('keeps a task that is tried again later out of reach until then', async (bench) => {
    const task = await fail(bench, await bench.add(), of('transient'));
    assert.equal((await bench.claim()).status, 'empty');
    assert.equal((await bench.claim({ task: task.id })).status, 'delayed');
    await bench.clock.advance(10 * SECOND);
    assert.equal((await bench.claim()).status, 'claimed');
  });

  test('fails the task when its attempts are used up', async (bench) => {
    let task = await bench.add({ maxAttempts: 2 });
    task = await fail(bench, task, of('agent_error'));
    assert.equal(task.status, 'queued');
    await bench.clock.advance(1);
    task = await fail(bench, task, of('checks_failed'));
    same([task.status, task.attempt, task.lease], ['failed', 2, null]);
    same([task.finishedAt, task.failure], [isoTime(bench.clock.now()), of('checks_failed')]);
    assert.equal((await bench.claim({ task: task.id })).status, 'finished');
  });

  test('costs no attempt when the provider limits the rate, and waits for the time it named', async (bench) => {
    const named = await fail(bench, await bench.add({ maxAttempts: 1 }), {
      ...of('rate_limited'),
      resumeAt: bench.clock.now() + 42 * MINUTE,
    });
    same([named.status, named.attempt], ['queued', 0]);
    assert.equal(named.notBefore, isoTime(bench.clock.now() + 42 * MINUTE));
    const unnamed = await fail(bench, await bench.add(), of('rate_limited'));
    assert.equal(unnamed.notBefore, isoTime(bench.clock.now() + 5 * MINUTE));
    const past = await fail(bench, await bench.add(), { ...of('rate_limited'), resumeAt: bench.clock.now() - 1 });
    same([past.status, past.notBefore], ['queued', null]);
  });

  test('costs no attempt when it was stopped from outside, and says nothing about the work', async (bench) => {
    const failed = await fail(bench, await bench.add({ maxAttempts: 2 }), of('agent_error'));
    const stopped = await fail(bench, failed, of('cancelled'));
    same([stopped.status, stopped.attempt, stopped.notBefore], ['queued', 1, null]);
    same(stopped.failure, of('agent_error'));
  });

  test('waits for a person, with no attempt spent, when it lacked a login or a permission', async (bench) => {
    for (const name of ['auth', 'policy_denied'] as const) {
      const task = await fail(bench, await bench.add({ maxAttempts: 1 }), of(name));
      same([task.status, task.attempt], ['blocked', 0]);
      same(task.blockedBy, [{ kind: 'human', reason: of(name).message }]);
      assert.equal((await bench.lastAttempt(task.id)).outcome, 'blocked');
    }
  });

  test('is told of an AI over all its tasks, the newest first', async (bench) => {
    const ids: string[] = [];
    for (const [ai, name] of [
      ['one', 'crashed'],
      ['two', 'timeout'],
      ['one', 'stalled'],
    ] as const) {
      const held = await bench.hold(await bench.add());
      const started = await bench.start(held, ai);
      ids.unshift(started.id);
      await bench.clock.advance(SECOND);
      await bench.settle(held.ref, { kind: 'failure', failure: of(name) });
    }
    const found = await bench.store.attemptsOf('one', 9);
    same(
      found.map(({ id, failure }) => [id, failure?.class]),
      [
        [ids[0], 'stalled'],
        [ids[2], 'crashed'],
      ],
    );
    same((await bench.store.attemptsOf('one', 1)).length, 1);
    same(await bench.store.attemptsOf('none', 9), []);
  });

  test('is told of in the order of their ends, page by page, without those under way', async (bench) => {
    const ended: string[] = [];
    const times: string[] = [];
    for (let n = 0; n < 5; n++) {
      const held = await bench.hold(await bench.add());
      ended.push((await bench.start(held, 'one')).id);
      await bench.clock.advance(SECOND);
      await bench.settle(held.ref, { kind: 'done' });
      times.push(isoTime(bench.clock.now()));
    }
    await bench.start(await bench.hold(await bench.add()), 'one');
    const { store } = bench;
    const first = await store.endedAttempts({ limit: 3 });
    same(
      first.attempts.map(({ id }) => id),
      ended.slice(0, 3),
    );
    const rest = await store.endedAttempts({ limit: 3, cursor: first.next ?? '' });
    same([rest.attempts.map(({ id }) => id), rest.next], [ended.slice(3), null]);
    const middle = await store.endedAttempts({ since: times[1] ?? '', until: times[3] ?? '' });
    same(
      middle.attempts.map(({ id }) => id),
      ended.slice(1, 3),
    );
    await rejects(store.endedAttempts({ cursor: 'rank:1:2' }), 'INVALID_CURSOR');
  });

  test('is not begun when what the others use leaves no room for it', async (bench) => {
    const first = await bench.hold(await bench.add());
    await bench.start(first, 'one');
    await bench.clock.advance(SECOND);
    await bench.settle(first.ref, { kind: 'done' });
    const since = isoTime(bench.clock.now());
    const running = await bench.hold(await bench.add());
    await bench.start(running, 'one');
    const { ref } = await bench.hold(await bench.add());
    const seen: string[] = [];
    const admission = {
      since,
      refuses: (attempts: readonly Attempt[]) => {
        seen.push(...attempts.map(({ task, finishedAt }) => `${task} ${finishedAt === null}`));
        return 'no room';
      },
    };
    const outcome = await bench.store.start(ref, { id: 'att_refused', ai: 'two', data: {}, admission }, () => []);
    same([outcome.status, outcome.task.status, outcome.task.attempt], ['refused', 'claimed', 0]);
    same(seen.sort(), [`${first.ref.task} false`, `${running.ref.task} true`].sort());
    same(await bench.store.attempts(ref.task), []);
  });
}
