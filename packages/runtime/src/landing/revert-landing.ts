import type { Task } from '@signalbox/task-core';
import { type Actor, actorName } from '../actor.js';
import type { Door } from '../door/door.js';
import { RuntimeError } from '../errors.js';
import { taskAsk } from '../executor/claim-task.js';
import { commitTree } from '../git/commit.js';
import type { Git } from '../git/git.js';
import type { ProjectStore } from '../project/open-store.js';
import { readIntegrationTip } from './branch-tips.js';
import { compareAndSwap, INTEGRATION_BRANCH, INTEGRATION_REF, isAncestor, mergeTrees } from './integration.js';
import { guardIntegration } from './integration-guard.js';
import { landedCommit } from './landed-commit.js';

export interface RevertReport {
  task: string;
  /** The commit whose change was taken back. */
  reverted: string;
  /** The commit that takes it back: the new tip of the integration branch. */
  commit: string;
}

/**
 * Takes a task's change back from the integration branch with a new commit; what landed after it stays. Only a person may, and
 * the user's own branches do not move. Throws `NOTHING_TO_REVERT`, `LAND_CONFLICT` when later work builds on it, and what
 * `guardIntegration` throws.
 */
export async function revertLanding(
  env: { store: ProjectStore; door: Door; actor: Actor },
  git: Git,
  task: Task,
): Promise<RevertReport> {
  env.door.refuseAgents(env.actor, 'take back what landed');
  const reverted = await landedCommit(env.store.tasks, task.id);
  if (reverted === null) throw nothing(task, 'nothing of it has landed');
  const ask = { ...taskAsk(env.actor, 'task.revert', task), action: { name: 'task.revert' } };
  return env.door.permit(ask, () => takeBack(env, git, task, reverted));
}

async function takeBack(
  env: { store: ProjectStore; door: Door; actor: Actor },
  git: Git,
  task: Task,
  reverted: string,
): Promise<RevertReport> {
  for (;;) {
    const seen = await readIntegrationTip(git);
    if (seen === null || !(await isAncestor(git, reverted, seen.commit)))
      throw nothing(task, `${INTEGRATION_BRANCH} does not hold it`);
    const tip = await guardIntegration(git, env.store.ledger, seen);
    const commit = await revertOn(git, task, reverted, tip);
    record(env, task, 'landing.intended', { old: tip, new: commit });
    if (await compareAndSwap(git, INTEGRATION_REF, commit, tip)) {
      record(env, task, 'landing.reverted', { commit, reverted });
      return { task: task.id, reverted, commit };
    }
  }
}

/** A merge of the tip with a commit on top of the landed one that is as things were before: what is left is all but its change. */
async function revertOn(git: Git, task: Task, landed: string, tip: string): Promise<string> {
  const before = await git.run(['rev-parse', `${landed}^1^{tree}`]);
  const undone = await commitTree(git, { tree: before, parents: [landed], message: 'undone\n', author: 'signalbox' });
  const merge = await mergeTrees(git, tip, undone);
  if (merge.status === 'conflict') throw conflict(task, merge.paths);
  if (merge.tree === (await git.run(['rev-parse', `${tip}^{tree}`]))) throw nothing(task, 'its change is gone already');
  const title = task.title.replace(/\s+/g, ' ').trim();
  const message = [`Revert "${title}"`, '', `Signalbox-Task: ${task.id}`, `Signalbox-Reverts: ${landed}`, ''].join(
    '\n',
  );
  return commitTree(git, { tree: merge.tree, parents: [tip], message, author: 'signalbox' });
}

function record(
  env: { door: Door; actor: Actor },
  task: Task,
  kind: 'landing.intended' | 'landing.reverted',
  data: Record<string, string>,
): void {
  const entry = {
    kind,
    actor: actorName(env.actor),
    subject: `task/${task.id}`,
    data: { ref: INTEGRATION_REF, ...data },
  };
  env.door.record([entry]);
}

function nothing(task: Task, why: string): RuntimeError {
  return new RuntimeError({
    code: 'NOTHING_TO_REVERT',
    message: `There is nothing of ${task.id} to take back: ${why}.`,
    hint: `See what became of it with \`signalbox task log ${task.id}\`.`,
  });
}

function conflict(task: Task, paths: readonly string[]): RuntimeError {
  return new RuntimeError({
    code: 'LAND_CONFLICT',
    message: `What landed after ${task.id} builds on its change in ${paths.join(', ')}.`,
    hint: 'Nothing was changed. Revert the later task first, or make a task that undoes it.',
    details: { paths: [...paths] },
  });
}
