import { isAncestor } from '../landing/integration.js';
import type { Workspace } from '../workspace/workspace.js';
import type { AttemptEnd } from './attempt-scope.js';
import type { ExecutorEnv } from './env.js';

/**
 * The commit of an earlier attempt of this task that the integration branch holds after all. An executor can die while git
 * still moves the branch for it: the task is given back, and a moment later the work has landed.
 */
export async function findEarlierLanding(
  env: ExecutorEnv,
  { repository }: Workspace,
  task: string,
): Promise<string | null> {
  if (!repository) return null;
  for (const commit of await earlierLandings(env, task)) {
    if (await isAncestor(repository.main, commit, repository.base)) return commit;
  }
  return null;
}

/** What earlier attempts of this task were about to land. */
export async function earlierLandings(env: ExecutorEnv, task: string): Promise<string[]> {
  const attempts = await env.store.tasks.attempts(task);
  return attempts.flatMap(({ landing, outcome }) => (landing && outcome !== null ? [landing.new] : []));
}

export function alreadyLanded(commit: string): AttemptEnd {
  return {
    settlement: { kind: 'done' },
    verdict: { pass: true, needsPerson: false, reasons: [] },
    data: { commit, landedBefore: true },
    landed: commit,
  };
}
