import { join } from 'node:path';
import { messageOf } from '@signalbox/kernel';
import { isTerminal, type Task } from '@signalbox/task-core';
import { unblockAnswered } from '../approvals/answer-approval.js';
import { removeTree } from '../workspace/remove-tree.js';
import type { Workspace } from '../workspace/workspace.js';
import { collectWorktree, worktreeEnv } from '../workspace/worktree.js';
import type { AttemptEnd } from './attempt-scope.js';
import type { ExecutorEnv } from './env.js';
import { addWantedLocks } from './wanted-locks.js';

/** Does what need not succeed: an attempt that is settled stays so, whatever becomes of the rest, and that is only said. */
export type Attend = (what: string, step: () => Promise<void> | void) => Promise<void>;

export function createAttend(env: Pick<ExecutorEnv, 'redactor'>, say: (text: string) => void): Attend {
  return async (what, step) => {
    try {
      await step();
    } catch (error) {
      say(env.redactor.text(`${what}: ${messageOf(error)}`));
    }
  };
}

/** What follows from a settlement. Returns the task as it then is. */
export async function followUp(
  env: ExecutorEnv,
  settled: Task,
  { end, workspace }: { end: AttemptEnd; workspace: Workspace['kind'] | 'unmade' },
  attend: Attend,
): Promise<Task> {
  let task = settled;
  await attend('answers that came meanwhile were not looked at', async () => {
    task = await unblockAnswered(env.store, settled);
  });
  await attend('the locks that were asked for were not added', () => addWantedLocks(env, task.id, end.data));
  if (isTerminal(task.status)) {
    const sessions = join(env.store.paths.sessions, task.id);
    await attend('the sessions were left for the next time', () => removeTree(sessions));
  }
  // It goes once nothing in it is unlanded; until then it stays for whoever has to look.
  if (workspace === 'worktree' && task.status === 'done') {
    const room = worktreeEnv(env.store, env.environment);
    await attend('the worktree was left for the next time', () => collectWorktree(room, task.id));
  }
  return task;
}
