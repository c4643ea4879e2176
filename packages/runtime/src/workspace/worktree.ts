import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@signalbox/kernel';
import { commitTree } from '../git/commit.js';
import { commonDirOf } from '../git/common-dir.js';
import { createGit, type Git } from '../git/git.js';
import { withGitLock } from '../git/git-lock.js';
import { createPrivateGit } from '../git/private-git.js';
import { snapshotOnce } from '../git/snapshot.js';
import { INTEGRATION_REF } from '../landing/integration.js';
import { findRepository } from '../project/find-root.js';
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
  const common = commonOf(env);
  await withGitLock(env.paths.gitLock, env.clock, async () => {
    await keepLeftovers(env, request, folder, common);
    await discard(folder, common);
    await mkdir(env.paths.worktrees, { recursive: true });
    await env.main.run(['worktree', 'add', '--quiet', '-B', branch, folder, request.base]);
  });
  return { kind: 'worktree', folder, repository: { main: env.main, top: folder, common, base: request.base }, branch };
}

/** A worktree of one commit for the time of `work`: what an agent has not been near. */
export async function withCleanWorktree<T>(
  env: Omit<WorktreeEnv, 'scratch'>,
  name: string,
  commit: string,
  work: (folder: string, common: string) => Promise<T>,
): Promise<T> {
  const folder = join(env.paths.worktrees, name);
  const common = commonOf(env);
  const locked = <R>(change: () => Promise<R>): Promise<R> => withGitLock(env.paths.gitLock, env.clock, change);
  await locked(async () => {
    await discard(folder, common);
    await mkdir(env.paths.worktrees, { recursive: true });
    await env.main.run(['worktree', 'add', '--quiet', '--detach', folder, commit]);
  });
  try {
    return await work(folder, common);
  } finally {
    await locked(() => discard(folder, common));
  }
}

/**
 * Removes what a task that is done has left: its worktrees, and those of its branches that the integration branch contains,
 * so that nothing on them is unlanded. Harmless when another process does the same.
 */
export async function collectWorktree(env: Omit<WorktreeEnv, 'scratch'>, task: string): Promise<void> {
  const common = commonOf(env);
  await withGitLock(env.paths.gitLock, env.clock, async () => {
    await discard(join(env.paths.worktrees, task), common);
    await discard(join(env.paths.worktrees, checkRoomOf(task)), common);
    const pattern = `refs/heads/signalbox/${task}/`;
    const listed = await env.main.run(['for-each-ref', `--merged=${INTEGRATION_REF}`, '--format=%(refname)', pattern]);
    for (const ref of listed.split('\n').filter((name) => name !== '')) {
      await env.main.run(['update-ref', '--no-deref', '-d', ref]);
    }
  });
}

/** The name of the worktree in which a task's checks run. */
export function checkRoomOf(task: string): string {
  return `${task}.check`;
}

function commonOf({ paths }: Pick<WorktreeEnv, 'paths'>): string {
  const top = findRepository(paths.root);
  const common = top === null ? null : commonDirOf(top);
  if (common === null) throw new Error(`${paths.root} is in no git repository`);
  return common;
}

/**
 * Commits what lies in a worktree to the branch of the attempt that left it; no other branch is ever moved, whatever the agent
 * has checked out there. What git cannot read is moved aside: it is kept, and in nobody's way.
 */
async function keepLeftovers(
  env: WorktreeEnv,
  request: WorktreeRequest,
  folder: string,
  common: string,
): Promise<void> {
  if (!existsSync(folder)) return;
  const branch = await lastBranch(env.main, request.task);
  try {
    if (branch === null) throw new Error('no branch to keep it on');
    const place = join(env.scratch, 'leftovers');
    await mkdir(place, { recursive: true });
    const { environment } = env;
    const git = createPrivateGit({ folder, common, place, base: branch.tip, environment });
    const tree = await snapshotOnce(git, branch.tip, place);
    if (tree === (await env.main.run(['rev-parse', `${branch.tip}^{tree}`]))) return;
    const message = 'Keep what an attempt left behind\n';
    const commit = await commitTree(env.main, { tree, parents: [branch.tip], message, author: 'signalbox' });
    await env.main.run(['update-ref', '--no-deref', branch.ref, commit, branch.tip]);
  } catch {
    await rename(folder, `${folder}.kept-${request.fence}`);
  }
}

async function lastBranch(main: Git, task: string): Promise<{ ref: string; tip: string } | null> {
  const format = '--format=%(objectname) %(refname)';
  const listed = await main.run(['for-each-ref', '--sort=-version:refname', format, `refs/heads/signalbox/${task}/`]);
  const [tip, ref] = (listed.split('\n')[0] ?? '').split(' ');
  return tip && ref ? { ref, tip } : null;
}

/**
 * Removes git's note of a worktree of ours, then the worktree. In this order, since what an executor that dies in between has
 * left is found again by its folder. Not `git worktree prune`: that would forget a user's on a disk not mounted.
 */
async function discard(folder: string, common: string): Promise<void> {
  const notes = join(common, 'worktrees');
  for (const name of existsSync(notes) ? await readdir(notes) : []) {
    const gitdir = join(notes, name, 'gitdir');
    if (!existsSync(gitdir) || (await readFile(gitdir, 'utf8')).trim() !== join(folder, '.git')) continue;
    // Without this file git takes a note for none; with it and half of the others, it fails.
    await rm(gitdir, { force: true });
    await rm(join(notes, name), { recursive: true, force: true, maxRetries: 5 });
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
