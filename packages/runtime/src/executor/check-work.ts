import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settlement } from '@signalbox/task-core';
import { createPrivateGit } from '../git/private-git.js';
import { createSnapshots } from '../git/snapshot.js';
import { changesBetween } from '../git/tree-changes.js';
import { checkRoomOf, withCleanWorktree, worktreeEnv } from '../workspace/worktree.js';
import type { AgentDoor } from './agent-door.js';
import { type AttemptScope, commandScopeOf } from './attempt-scope.js';
import type { ExecutorEnv } from './env.js';
import { type ChecksOutcome, runChecks } from './run-checks.js';
import { setUp } from './set-up.js';

export interface CheckedWork extends ChecksOutcome {
  /** Files of the work that the checks themselves changed: what passed is then not what would land. New files are no harm. */
  changedByChecks: string[];
  /** Set when the place for the checks could not be made ready. */
  unready: Settlement | null;
}

/**
 * Runs checks on exactly what would land: on `commit` in a worktree of its own, set up afresh. What the agent left beside its
 * change, ignored files and installed packages among it, has no say. In place there is only the one folder.
 */
export async function checkWork(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  checks: readonly string[],
  commit: string | null,
): Promise<CheckedWork> {
  const none: CheckedWork = {
    ...{ results: [], drafts: [], reportReasons: [], tests: null },
    ...{ changedByChecks: [], unready: null },
  };
  if (checks.length === 0) return none;
  const { repository, kind, folder } = scope.workspace;
  if (kind === 'in-place' || !repository) return { ...none, ...(await runIn(env, scope, folder, checks, null)) };
  const revision = commit ?? repository.base;
  const name = checkRoomOf(scope.task.id);
  return withCleanWorktree(worktreeEnv(env.store, env.environment), name, revision, async (room, common) => {
    const unready = await setUp(env, { ...scope, workspace: { ...scope.workspace, folder: room } }, door);
    if (unready) return { ...none, unready };
    const place = join(scope.ownScratch, `check-${revision}`);
    await mkdir(place, { recursive: true });
    const git = createPrivateGit({ folder: room, common, place, base: revision, environment: env.environment });
    const snapshots = createSnapshots(git, revision, place);
    const before = await snapshots.take();
    const tree = await repository.main.run(['rev-parse', `${revision}^{tree}`]);
    const outcome = await runIn(env, scope, room, checks, tree);
    const changes = await changesBetween(git, before, await snapshots.take());
    const changedByChecks = changes.filter(({ status }) => status !== 'A').map(({ path }) => path);
    return { ...none, ...outcome, changedByChecks };
  });
}

async function runIn(
  env: ExecutorEnv,
  scope: AttemptScope,
  folder: string,
  checks: readonly string[],
  tree: string | null,
): Promise<ChecksOutcome> {
  const outcome = await runChecks(env, { ...commandScopeOf(scope), folder }, checks, tree);
  scope.evidence.add(...outcome.drafts);
  return outcome;
}
