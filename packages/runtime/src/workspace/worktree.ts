import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@signalbox/kernel';
import { commitTree } from '../git/commit.js';
import { createGit, type Git } from '../git/git.js';
import { withGitLock } from '../git/git-lock.js';
import { snapshotOnce } from '../git/snapshot.js';
import { INTEGRATION_REF } from '../landing/integration.js';
import type { ProjectStore } from '../project/open-store.js';
import type { ProjectPaths } from '../project/paths.js';
import type { Workspace } from './workspace.js';

export interface WorktreeRequest {
  task: string;
  fence: number;
  /** The commit to start from. */
  base: string;
}

export interface WorktreeEnv {
  paths: ProjectPaths;
  clock: Clock;
  environment: NodeJS.ProcessEnv;
  /** Git in the user's checkout, of which only shared files are touched. */
  main: Git;
  /** A folder for temporary files. */
  scratch: string;
}

/** All but the scratch folder, from what an executor has. */
export function worktreeEnv(store: ProjectStore, environment: NodeJS.ProcessEnv): Omit<WorktreeEnv, 'scratch'> {
  const { paths, clock } = store;
  return { paths, clock, environment, main: createGit(paths.root, environment) };
}

/** The branch of one attempt's work. The fence in its name keeps a fenced-off attempt from writing to a later one's. */
export function attemptBranch(task: string, fence: number): string {
  return `signalbox/${task}/${fence}`;
}

/**
 * Makes the worktree of a task afresh, at a path that is the same for each attempt (a session can be resumed only from where
 * it began). What an earlier attempt left there is committed to that attempt's own branch first.
 */
export async function createWorktree(env: WorktreeEnv, request: WorktreeRequest): Promise<Workspace> {
  const folder = join(env.paths.worktrees, request.task);
  const branch = attemptBranch(request.task, request.fence);
  await withGitLock(env.paths.gitLock, env.clock, async () => {
    await keepLeftovers(env, request.task, folder);
    await discard(env, folder);
    await mkdir(env.paths.worktrees, { recursive: true });
    await env.main.run(['worktree', 'add', '--quiet', '-B', branch, folder, request.base]);
  });
  return { kind: 'worktree', folder, git: createGit(folder, env.environment), base: request.base, branch };
}

/**
 * Removes what a task that is done has left: its worktree, and those of its branches that the integration branch contains, so
 * that nothing on them is unlanded. Harmless when another process does the same.
 */
export async function collectWorktree(env: Omit<WorktreeEnv, 'scratch'>, task: string): Promise<void> {
  await withGitLock(env.paths.gitLock, env.clock, async () => {
    await discard(env, join(env.paths.worktrees, task));
    const pattern = `signalbox/${task}/*`;
    const listed = await env.main.run([
      'branch',
      '--list',
      '--merged',
      INTEGRATION_REF,
      '--format=%(refname:short)',
      pattern,
    ]);
    const branches = listed.split('\n').filter((name) => name !== '');
    if (branches.length > 0) await env.main.run(['branch', '--quiet', '-D', '--', ...branches]);
  });
}

/**
 * Commits what lies in a worktree to the branch of the attempt that left it. Where the agent has checked out something else,
 * it goes to a branch of its own: no other branch is ever moved.
 */
async function keepLeftovers(env: WorktreeEnv, task: string, folder: string): Promise<void> {
  if (!existsSync(join(folder, '.git'))) return;
  const git = createGit(folder, env.environment);
  const head = await git.attempt(['symbolic-ref', '--quiet', 'HEAD']);
  if ((await git.attempt(['rev-parse', '--verify', '--quiet', 'HEAD'])).exitCode !== 0) return;
  const tip = await git.run(['rev-parse', 'HEAD']);
  const tree = await snapshotOnce(git, tip, env.scratch);
  if (tree === (await git.run(['rev-parse', 'HEAD^{tree}']))) return;
  const message = 'Keep what an attempt left behind\n';
  const commit = await commitTree(git, { tree, parents: [tip], message, author: 'signalbox' });
  const own = head.stdout.startsWith(`refs/heads/signalbox/${task}/`);
  if (own) await git.run(['update-ref', head.stdout, commit, tip]);
  else await git.run(['update-ref', `refs/heads/signalbox/${task}/kept-${commit.slice(0, 12)}`, commit]);
}

async function discard(env: Pick<WorktreeEnv, 'main'>, folder: string): Promise<void> {
  if (existsSync(folder)) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  await env.main.run(['worktree', 'prune']);
}
