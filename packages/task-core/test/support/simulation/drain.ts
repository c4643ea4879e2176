import type { Task } from '../../../src/index.js';
import type { World } from './world.js';

const A_YEAR = 365 * 24 * 3_600_000;
const none = () => [];

/**
 * Lets every holder end, time pass and people answer, and then does whatever can be claimed. Fails if a task is left that
 * nothing but a need that failed, was cancelled or is left itself can keep.
 */
export async function drain({ store, clock, look }: World): Promise<void> {
  for (const { task } of await store.held()) {
    await store.settle({ task: task.id, fence: task.lease?.fence ?? 0 }, { kind: 'release' }, {}, none);
  }
  for (const task of await look()) await store.unblock(task.id, () => true, none);
  await clock.advance(A_YEAR);
  for (;;) {
    const claim = await store.claim({ holder: 'user:end', ttlMs: 60_000, start: { ai: null, data: {} } }, none);
    if (claim.status !== 'claimed') break;
    const done = await store.settle({ task: claim.task.id, lease: claim.lease.id }, { kind: 'done' }, {}, none);
    if (done.status !== 'settled') throw new Error(`the last settlement was ${done.status}`);
  }
  assertAllEnded(await look());
}

function assertAllEnded(left: readonly Task[]): void {
  const lost = new Set(left.filter(({ status }) => status === 'failed' || status === 'cancelled').map(({ id }) => id));
  // Who waits for one that is lost is lost as well. Two who wait for each other are not: they must never come about.
  for (let before = -1; before < lost.size; ) {
    before = lost.size;
    for (const { id, status, blockedBy } of left) {
      const waits = blockedBy.some((block) => block.kind === 'dependency' && lost.has(block.task));
      if (status === 'blocked' && waits) lost.add(id);
    }
  }
  for (const task of left) {
    if (task.status !== 'done' && !lost.has(task.id)) throw new Error(`it is stuck: ${JSON.stringify(task)}`);
    const isForNeeds = task.blockedBy.every(({ kind }) => kind === 'dependency');
    if (!isForNeeds) throw new Error(`it waits for what is over: ${JSON.stringify(task)}`);
  }
}
