import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settlement } from '@signalbox/task-core';
import { createPrivateGit } from '../git/private-git.js';
import { createSnapshots } from '../git/snapshot.js';
import { changesBetween } from '../git/tree-changes.js';
import { namesInProject, pathsInRepository } from '../workspace/workspace.js';
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
  const { repository, kind } = scope.workspace;
  if (kind === 'in-place' || !repository) return { ...none, ...(await runIn(env, scope, checks, null)) };
  const revision = commit ?? repository.base;
  const name = checkRoomOf(scope.task.id);
  const rooms = worktreeEnv(env.store, env.environment, env.workspace.copy);
  return withCleanWorktree(rooms, name, revision, async (room) => {
    const { folder: place, copied, common, top } = room;
    const { prefix } = scope.workspace;
    const inRoom: AttemptScope = { ...scope, workspace: { ...scope.workspace, folder: place, copied } };
    const unready = await setUp(env, inRoom, door);
    if (unready) return { ...none, unready };
    const own = join(scope.ownScratch, `check-${revision}`);
    await mkdir(own, { recursive: true });
    const excluded = pathsInRepository(prefix, copied);
    const { environment } = env;
    const { main } = repository;
    const at = { folder: top, common, place: own, base: revision };
    const git = await createPrivateGit({ ...at, main, environment, excluded });
    const snapshots = createSnapshots(git, revision, own);
    const before = await snapshots.take();
    const tree = await repository.main.run(['rev-parse', `${revision}^{tree}`]);
    const outcome = await runIn(env, inRoom, checks, tree);
    const changes = await changesBetween(git, before, await snapshots.take());
    const changed = changes.filter(({ status }) => status !== 'A').map(({ path }) => path);
    const changedByChecks = namesInProject(prefix, changed);
    return { ...none, ...outcome, changedByChecks };
  });
}

async function runIn(
  env: ExecutorEnv,
  scope: AttemptScope,
  checks: readonly string[],
  tree: string | null,
): Promise<ChecksOutcome> {
  const outcome = await runChecks(env, commandScopeOf(scope), checks, tree);
  scope.evidence.add(...outcome.drafts);
  return outcome;
}
