import { mkdir, mkdtemp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findMarked } from '@signalbox/connectors';
import { isTerminal, type Task } from '@signalbox/task-core';
import { withGitLock } from '../git/git-lock.js';
import { landedCommit } from '../landing/landed-commit.js';
import { findRepository } from '../project/find-root.js';
import type { ProjectStore } from '../project/open-store.js';
import { writeCopied } from './copied-list.js';
import { discard } from './discard.js';
import { keepLeftovers } from './leftovers.js';
import { removeTree } from './remove-tree.js';
import { checkRoomOf, deleteLandedBranches, placeOf, type RoomEnv, worktreeEnv } from './worktree.js';
import { foldersIn, taskOfFolder } from './worktree-names.js';

export interface GarbageOptions {
  /** Milliseconds since the epoch. */
  now: number;
  /** Milliseconds that the worktree of a task that failed or was cancelled is kept after its last change. */
  keep: number;
  /** How many worktrees are removed at most; the rest is for the next time. Default: 20. */
  most?: number;
}

export interface GarbageReport {
  /** Names of folders that were removed: worktrees, sessions, temporary files. */
  removed: string[];
  /** Worktrees that are kept, since something in them is unlanded. */
  kept: string[];
  /** Folders that belong to no task of this store: whose they are, nobody knows. */
  strange: string[];
  /** Worktrees that were left for the next time, or that somebody is at. */
  left: string[];
}

const MOST = 20;

/** What becomes of one folder. `commit`: what is unlanded in it goes to the attempt's branch first, and if it cannot, it stays. */
type Fate = 'remove' | 'commit' | 'keep' | 'leave' | 'strange';

/**
 * Removes what attempts have left that nobody needs any more. The worktree of a task that is done goes; of one that failed or
 * was cancelled after a while, once what is in it is on its branch; branches stay until they have landed. What belongs to an attempt
 * under way, also of another process, is not touched. Reads names of folders and asks the store about them; walks no tree but
 * those that it removes.
 */
export async function collectGarbage(
  store: ProjectStore,
  environment: NodeJS.ProcessEnv,
  options: GarbageOptions,
): Promise<GarbageReport> {
  const report: GarbageReport = { removed: [], kept: [], strange: [], left: [] };
  const names = await foldersIn(store.paths.worktrees);
  if (names.length > 0 && findRepository(store.paths.root) !== null)
    await collectWorktrees(store, worktreeEnv(store, environment), names, options, report);
  await collectSessions(store, report);
  await collectScratch(store, report);
  return report;
}

async function collectWorktrees(
  store: ProjectStore,
  env: RoomEnv,
  names: readonly string[],
  { now, keep, most = MOST }: GarbageOptions,
  report: GarbageReport,
): Promise<void> {
  for (const name of names) {
    const task = await store.tasks.get(taskOfFolder(name));
    const fate = await fateOf(store, task, name, now - keep);
    if (fate === 'strange') report.strange.push(name);
    else if (fate === 'keep') report.kept.push(name);
    else if (fate === 'leave' || report.removed.length >= most) report.left.push(name);
    else if (task) {
      // What is in the way now need not be the next time; a project is opened for other things than this.
      const outcome = await collectOne(store, env, { task, name, fate }).catch(() => 'left' as const);
      report[outcome].push(name);
    }
  }
}

async function fateOf(store: ProjectStore, task: Task | null, name: string, since: number): Promise<Fate> {
  if (!task) return 'strange';
  if (task.lease !== null) return 'leave';
  if (name === checkRoomOf(task.id)) return 'remove';
  const isAside = name !== task.id;
  if (task.status === 'done') {
    if ((await landedCommit(store.tasks, task.id)) !== null) return 'remove';
    return isAside ? 'keep' : 'commit';
  }
  // What git could not read is on no branch: this folder is all there is of it.
  if (!isTerminal(task.status) || isAside) return 'keep';
  const changedAt = await lastChange(join(store.paths.worktrees, name));
  return Math.max(changedAt, Date.parse(task.updatedAt)) > since ? 'keep' : 'commit';
}

/** Under the lock under which worktrees are made: whoever claims the task meanwhile waits, and then makes its own afresh. */
async function collectOne(
  store: ProjectStore,
  env: RoomEnv,
  { task, name, fate }: { task: Task; name: string; fate: Fate },
): Promise<'removed' | 'kept' | 'left'> {
  const { common, prefix } = placeOf(env);
  const folder = join(store.paths.worktrees, name);
  return withGitLock(store.paths.gitLock, store.clock, async () => {
    const current = await store.tasks.get(task.id);
    if (!current || current.lease !== null || current.version !== task.version) return 'left';
    if (fate === 'commit' && !(await isKept(env, { task: task.id, folder, common, prefix }))) return 'kept';
    await discard(folder, common);
    writeCopied(store.paths, name, []);
    if (task.status === 'done') await deleteLandedBranches(env.main, task.id);
    return 'removed';
  });
}

async function isKept(
  env: RoomEnv,
  about: { task: string; folder: string; common: string; prefix: string },
): Promise<boolean> {
  await mkdir(env.paths.scratch, { recursive: true, mode: 0o700 });
  const scratch = await mkdtemp(join(env.paths.scratch, 'collect-'));
  try {
    return (await keepLeftovers({ ...env, scratch }, about)) !== 'unreadable';
  } finally {
    await removeTree(scratch);
  }
}

/** What agents need to go on with a session: of use as long as the task can go on. */
async function collectSessions(store: ProjectStore, report: GarbageReport): Promise<void> {
  const { sessions } = store.paths;
  for (const name of await foldersIn(sessions)) {
    const task = await store.tasks.get(name);
    if (!task || !isTerminal(task.status)) continue;
    await removeOther(sessions, name, `sessions/${name}`, report);
  }
}

/** Temporary files of attempts that are over. The names are read before it is asked who is at work: one that starts now is among them. */
async function collectScratch(store: ProjectStore, report: GarbageReport): Promise<void> {
  const { scratch } = store.paths;
  const names = (await foldersIn(scratch)).filter((name) => name.startsWith('att_'));
  if (names.length === 0) return;
  const open = new Set((await store.tasks.held()).flatMap(({ attempt }) => (attempt ? [attempt.id] : [])));
  for (const name of names) {
    // One that has lost its lease may still be about to find that out.
    if (open.has(name) || findMarked(name).length > 0) continue;
    await removeOther(scratch, name, `scratch/${name}`, report);
  }
}

/** One that cannot be removed is left: a project is opened for other things than this. */
async function removeOther(parent: string, name: string, known: string, report: GarbageReport): Promise<void> {
  const outcome = await removeTree(join(parent, name)).then(
    () => 'removed' as const,
    () => 'left' as const,
  );
  report[outcome].push(known);
}

/** Of a folder that somebody else has just removed: now. */
async function lastChange(folder: string): Promise<number> {
  return stat(folder).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
}
