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
  const left = await look();
  const status = new Map(left.map((task) => [task.id, task.status]));
  for (const task of left)
    if (!isEnded(task) && !isKept(task, status)) throw new Error(`it is stuck: ${JSON.stringify(task)}`);
}

const isEnded = ({ status }: Task): boolean => ['done', 'failed', 'cancelled'].includes(status);

function isKept(task: Task, status: ReadonlyMap<string, string>): boolean {
  return (
    task.status === 'blocked' &&
    task.blockedBy.every((block) => {
      const need = block.kind === 'dependency' ? status.get(block.task) : undefined;
      return need === 'failed' || need === 'cancelled' || need === 'blocked';
    })
  );
}
