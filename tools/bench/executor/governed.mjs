import { claimThroughDoor, createTask, settleByHand, startByHand } from '@signalbox/runtime';

const TTL_MS = 600_000;

export const spec = {
  title: 'Nothing',
  description: 'Do it.',
  run: { argv: ['true'] },
  locks: [{ glob: 'src/**' }, { glob: 'docs/*.md' }],
};

/** A task's way through the door, each step with its decision and its entries in the ledger, all at full durability. */
export function governedSteps(box) {
  const { tasks, door, actor } = box;
  const env = { tasks, door, actor };
  return {
    create: (input = spec) => createTask(tasks, door, actor, input),
    /** Takes the task with its locks. */
    async claim(task) {
      const intent = { actor, action: 'task.claim', holder: 'bench', ttlMs: TTL_MS, task };
      const { lease } = await claimThroughDoor(tasks, door, intent);
      return { task, lease: lease.id };
    },
    start: (ref) => startByHand(env, ref, box.store.ids('att')),
    settle: (ref) => settleByHand(env, ref, 'task.complete', { kind: 'done' }),
  };
}
