import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@signalbox/kernel';
import { commonDirOf } from '../git/common-dir.js';
import { createGit, type Git } from '../git/git.js';
import { withGitLock } from '../git/git-lock.js';
import type { GitSetting } from '../git/user-settings.js';
import { INTEGRATION_REF } from '../landing/integration.js';
import { findRepository } from '../project/find-root.js';
import type { ProjectStore } from '../project/open-store.js';
import type { ProjectPaths } from '../project/paths.js';
import { addWorktree } from './add-worktree.js';
import { writeCopied } from './copied-list.js';
import { copyIntoWorktree } from './copy-files.js';
import { discard, vacate } from './discard.js';
import { keepLeftovers } from './leftovers.js';
import type { Submodule } from './submodules.js';
import { prefixOf, type Workspace } from './workspace.js';

export interface WorktreeRequest {
  task: string;
  fence: number;
  /** The commit to start from. */
  base: string;
  /** See `NewWorktree`. */
  settings?: readonly GitSetting[];
}

export interface WorktreeEnv {
  paths: ProjectPaths;
  clock: Clock;
  environment: NodeJS.ProcessEnv;
  /** Git in the user's checkout, of which only shared files are touched. */
  main: Git;
  /** A folder for temporary files. */
  scratch: string;
  /** Globs of files that each worktree gets a copy of. */
  copy: readonly string[];
}

/** What the worktrees of a project need beside a folder for temporary files. */
export type RoomEnv = Omit<WorktreeEnv, 'scratch'>;

/** All but the scratch folder, from what an executor has. */
export function worktreeEnv(
  store: ProjectStore,
  environment: NodeJS.ProcessEnv,
  copy: readonly string[] = [],
): RoomEnv {
  const { paths, clock } = store;
  return { paths, clock, environment, main: createGit(paths.root, environment), copy };
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
  const { common, prefix } = placeOf(env);
  const submodules = await withGitLock(env.paths.gitLock, env.clock, async () => {
    const outcome = await keepLeftovers(env, { task: request.task, folder, common, prefix });
    if (outcome === 'unreadable') await rename(folder, `${folder}.kept-${request.fence}`);
    await vacate(folder, common);
    await mkdir(env.paths.worktrees, { recursive: true });
    const { base: commit, settings } = request;
    return addWorktree(env, { folder, options: ['-B', branch], commit, ...(settings ? { settings } : {}) });
  });
  const place = join(folder, prefix);
  const copied = await furnish(env, request.task, place);
  const repository = { main: env.main, top: folder, common, base: request.base };
  return { kind: 'worktree', folder: place, repository, branch, prefix, copied, submodules };
}

/** Copies what the project wants copied, and notes it for whoever finds the worktree later. */
async function furnish(env: RoomEnv, task: string, place: string): Promise<string[]> {
  // A project that is new in the user's checkout need not be in the commit yet.
  await mkdir(place, { recursive: true });
  const { root: from } = env.paths;
  const copied = await copyIntoWorktree({ from, to: place, globs: env.copy, git: env.main });
  writeCopied(env.paths, task, copied);
  return copied;
}

export interface CleanRoom {
  /** The top of its work tree, and in it the project's root. */
  top: string;
  folder: string;
  common: string;
  /** See `Workspace`. */
  copied: readonly string[];
  submodules: readonly Submodule[];
}

/** A worktree of one commit for the time of `work`: what an agent has not been near. */
export async function withCleanWorktree<T>(
  env: RoomEnv,
  name: string,
  commit: string,
  work: (room: CleanRoom) => Promise<T>,
): Promise<T> {
  const folder = join(env.paths.worktrees, name);
  const { common, prefix } = placeOf(env);
  const locked = <R>(change: () => Promise<R>): Promise<R> => withGitLock(env.paths.gitLock, env.clock, change);
  const submodules = await locked(async () => {
    await vacate(folder, common);
    await mkdir(env.paths.worktrees, { recursive: true });
    return addWorktree(env, { folder, options: ['--detach'], commit });
  });
  try {
    const place = join(folder, prefix);
    const copied = await furnish(env, name, place);
    return await work({ top: folder, folder: place, common, copied, submodules });
  } finally {
    await locked(() => vacate(folder, common));
    writeCopied(env.paths, name, []);
  }
}

/**
 * Removes what a task that is done has left: its worktrees, and those of its branches that the integration branch contains,
 * so that nothing on them is unlanded. Harmless when another process does the same.
 */
export async function collectWorktree(env: RoomEnv, task: string): Promise<void> {
  const { common } = placeOf(env);
  await withGitLock(env.paths.gitLock, env.clock, async () => {
    await discard(join(env.paths.worktrees, task), common);
    await discard(join(env.paths.worktrees, checkRoomOf(task)), common);
    writeCopied(env.paths, task, []);
    await deleteLandedBranches(env.main, task);
  });
}

/** Of a task's branches those that the integration branch contains: nothing on them is unlanded. */
export async function deleteLandedBranches(main: Git, task: string): Promise<void> {
  const pattern = `refs/heads/signalbox/${task}/`;
  const listed = await main.attempt(['for-each-ref', `--merged=${INTEGRATION_REF}`, '--format=%(refname)', pattern]);
  // Without an integration branch nothing has landed.
  if (listed.exitCode !== 0) return;
  for (const ref of listed.stdout.split('\n').filter((name) => name !== '')) {
    await main.run(['update-ref', '--no-deref', '-d', ref]);
  }
}

/** The name of the worktree in which a task's checks run. */
export function checkRoomOf(task: string): string {
  return `${task}.check`;
}

/** Where git's shared files are, and where the project lies in its repository. */
export function placeOf({ paths }: Pick<WorktreeEnv, 'paths'>): { common: string; prefix: string } {
  const top = findRepository(paths.root);
  const common = top === null ? null : commonDirOf(top);
  if (top === null || common === null) throw new Error(`${paths.root} is in no git repository`);
  return { common, prefix: prefixOf(top, paths.root) };
}
