import assert from 'node:assert/strict';
import { parseTaskSpec } from '../task-spec.js';
import { type Bench, type DeclareTest, record, same, TTL } from './bench.js';

const refuse = (): never => {
  throw new Error('The journal is full.');
};

/** Runs `work`, whose recorder throws, and shows that it left nothing behind. */
async function assertUndone(bench: Bench, work: () => Promise<unknown>): Promise<void> {
  const before = [await bench.snapshot(), bench.journal.entries().length];
  await assert.rejects(work(), /The journal is full/);
  same([await bench.snapshot(), bench.journal.entries().length], before);
}

export function testRecording(test: DeclareTest): void {
  test('commits what the recorder returns, in order, for the outcome that the caller gets', async (bench) => {
    const seen: unknown[] = [];
    const spec = parseTaskSpec({ title: 'x' });
    const entry = (kind: string) => ({ kind, actor: 'user:ana', subject: 'task/x', data: { n: 1, nothing: null } });
    const outcome = await bench.store.create(spec, 'user:ana', (given) => {
      seen.push(given);
      return [entry('decided'), entry('created')];
    });
    same(seen, [outcome]);
    same(bench.journal.entries(), [entry('decided'), entry('created')]);
  });

  test('records each step of a life', async (bench) => {
    const held = await bench.run();
    await bench.store.intendLanding(held.ref, { ref: 'r', old: 'a', new: 'b' }, record('landing'));
    await bench.settle(held.ref, { kind: 'release' });
    await bench.run(held.task);
    await bench.store.requeue(held.id, record('requeued'));
    const kinds = bench.journal.entries().map((entry) => entry.kind);
    same(kinds, ['created', 'claimed', 'started', 'landing', 'settled', 'claimed', 'started', 'requeued']);
  });

  test('changes nothing when a creation cannot be recorded', async (bench) => {
    await assertUndone(bench, () => bench.store.create(parseTaskSpec({ title: 'x' }), 'user:ana', refuse));
  });

  test('changes nothing when a claim cannot be recorded, not even what it reaped and parked', async (bench) => {
    await bench.run();
    await bench.clock.advance(TTL);
    await bench.hold({ locks: [{ glob: 'a' }] });
    await bench.add({ locks: [{ glob: 'a' }], priority: 20 });
    await bench.add();
    await assertUndone(bench, () => bench.store.claim({ holder: 'user:ana', ttlMs: TTL }, refuse));
    assert.equal((await bench.claim()).parked.length, 1);
  });

  test('changes nothing when a step of the holder cannot be recorded', async (bench) => {
    const claimed = await bench.hold();
    const attempt = { id: 'att_x', ai: null, data: {} };
    await assertUndone(bench, () => bench.store.start(claimed.ref, attempt, refuse));
    const running = await bench.run({ locks: [{ glob: 'a' }] });
    await bench.add({ needs: [running.id] });
    const intent = { ref: 'r', old: 'a', new: 'b' };
    await assertUndone(bench, () => bench.store.intendLanding(running.ref, intent, refuse));
    await assertUndone(bench, () => bench.store.settle(running.ref, { kind: 'done' }, { x: 1 }, refuse));
    const stale = { task: running.id, lease: 'lse_stale' };
    await assertUndone(bench, () => bench.store.heartbeat(stale, refuse));
    assert.equal((await bench.settle(running.ref, { kind: 'done' })).status, 'settled');
  });

  test('changes nothing when a requeue or the reaping cannot be recorded', async (bench) => {
    const held = await bench.run();
    await assertUndone(bench, () => bench.store.requeue(held.id, refuse));
    await bench.clock.advance(TTL);
    await assertUndone(bench, () => bench.store.reap(refuse));
    assert.equal((await bench.store.heartbeat(held.ref, refuse)).status, 'renewed');
  });

  test('changes nothing when what an operator or a batch does cannot be recorded, not even an order', async (bench) => {
    const { store } = bench;
    const [low, high] = [await bench.add({ priority: 1 }), await bench.add({ priority: 2 })];
    const running = await bench.run({ locks: [{ glob: 'a' }] });
    const failed = await bench.run({ maxAttempts: 1 });
    await bench.settle(failed.ref, { kind: 'failure', failure: { class: 'agent_error', message: 'no' } });
    const blocked = await bench.run();
    await bench.settle(blocked.ref, { kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'look' }] });
    const settlement = { kind: 'release' } as const;
    for (const work of [
      () => store.update(low.id, { priority: 9, title: 'x', addNeeds: [high.id] }, refuse),
      () => store.enqueueMany([{ spec: parseTaskSpec({ title: 'x', idempotencyKey: 'k' }) }], 'user:ana', refuse),
      () => store.claimMany({ holder: 'user:ana', ttlMs: TTL }, 2, refuse),
      () => store.settleMany([{ ref: running.ref, settlement }], refuse),
      () => store.addLock(running.ref, { glob: 'b', mode: 'exclusive' }, refuse),
      () => store.cancel(low.id, refuse),
      () => store.cancel(running.id, refuse),
      () => store.cancel(running.id, refuse, { force: true }),
      () => store.retry(failed.id, refuse),
      () => store.unblock(blocked.id, () => true, refuse),
    ]) {
      await assertUndone(bench, work);
      for (const order of [{ ready: true }, { status: ['queued' as const] }]) {
        same(
          (await store.list(order)).tasks.map(({ id }) => id),
          [high.id, low.id],
        );
      }
    }
    assert.equal((await bench.hold({ locks: [{ glob: 'b' }], idempotencyKey: 'k' })).lease.fence, 1);
  });
}
