import type { Attempt, TaskStore } from '@signalbox/task-core';
import type { Git } from '../git/git.js';
import { resolveCommit } from './branch-tips.js';
import { INTEGRATION_REF, isAncestor, mergeTrees } from './integration.js';

/** How the unlanded work of a task would merge as things are now. */
export type MergePrediction =
  /** No attempt has left a commit, or what it left is gone. */
  | { status: 'nothing' }
  | { status: 'landed'; commit: string }
  | { status: 'clean'; commit: string; tip: string }
  | { status: 'conflict'; commit: string; tip: string; paths: string[] };

/**
 * Whether the newest work of a task that has not landed conflicts with the integration branch. Merges in memory: no branch, no
 * checkout and no index is touched. It says nothing of whether the checks would pass, which only landing finds out.
 */
export async function predictMerge(
  env: { tasks: Pick<TaskStore, 'attempts'> },
  git: Git,
  task: string,
): Promise<MergePrediction> {
  const attempts = await env.tasks.attempts(task);
  const commit = attempts.map(commitOf).findLast((each) => each !== null) ?? null;
  const tip = await resolveCommit(git, INTEGRATION_REF);
  if (commit === null || tip === null || (await resolveCommit(git, commit)) === null) return { status: 'nothing' };
  if (await isAncestor(git, commit, tip)) return { status: 'landed', commit };
  const merge = await mergeTrees(git, tip, commit);
  if (merge.status === 'merged') return { status: 'clean', commit, tip };
  return { status: 'conflict', commit, tip, paths: merge.paths };
}

function commitOf({ data }: Attempt): string | null {
  const commit = data['commit'];
  return typeof commit === 'string' ? commit : null;
}
