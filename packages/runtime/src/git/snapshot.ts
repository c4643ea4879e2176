import { existsSync } from 'node:fs';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, sha256 } from '@signalbox/kernel';
import { RuntimeError } from '../errors.js';
import { gitDirOf } from './common-dir.js';
import { nestedRepositories } from './gitlinks.js';
import { hidesFiles, notedTree } from './index-file.js';
import type { PrivateGit } from './private-git.js';
import { readHead } from './read-head.js';

/**
 * Writes a folder as it is, with untracked and binary files but without ignored ones, as a git tree. Works on an index of its
 * own, so neither the user's index nor a running git command is disturbed.
 */
export interface Snapshots {
  /** The id of the tree. */
  take(): Promise<string>;
}

/**
 * For several snapshots of one folder. The index is copied from git's once, before an agent has touched it (it could mark
 * files as unchanged there), and then kept in `scratch`: what git knows of each file's stat spares it reading all of them
 * again. `base` is where to start if there is no index to copy.
 */
export function createSnapshots(git: PrivateGit, base: string, scratch: string): Snapshots {
  const file = join(scratch, 'snapshot.index');
  let started = false;
  let last: { index: Digest; tree: string } | null = null;
  return {
    async take() {
      if (started) await addAll(git, file);
      else await start(git, base, file);
      started = true;
      const index = await readFile(file);
      // An index that `git add` has left as it was stands for the same tree: one git less.
      if (last?.index === sha256(index)) return last.tree;
      const noted = notedTree(index, base.length / 2);
      const tree = noted ?? (await git.run(['write-tree'], { environment: { GIT_INDEX_FILE: file } }));
      last = { tree, index: sha256(noted === null ? await readFile(file) : index) };
      return tree;
    },
  };
}

/** One snapshot of a folder whose own index may have been tampered with. */
export async function snapshotOnce(git: PrivateGit, base: string, scratch: string): Promise<string> {
  const file = join(scratch, 'once.index');
  const environment = { GIT_INDEX_FILE: file };
  try {
    await git.run(['read-tree', base], { environment });
    await addAll(git, file);
    return await git.run(['write-tree'], { environment });
  } finally {
    await rm(file, { force: true });
  }
}

async function start(git: PrivateGit, base: string, file: string): Promise<void> {
  const own = join(gitDirOf(git.folder) ?? '', 'index');
  // One by which git looks past some files would hide what is done to them. In a sparse checkout it has to.
  if (existsSync(own) && (git.sparse || !hidesFiles(await readFile(own), base.length / 2))) {
    await copyFile(own, file);
    try {
      return await addAll(git, file);
    } catch (error) {
      // An index can need more than itself (`core.splitIndex`); all it saves is time.
      if (!(error instanceof RuntimeError)) throw error;
      await rm(file, { force: true });
    }
  }
  await git.run(['read-tree', base], { environment: { GIT_INDEX_FILE: file } });
  await addAll(git, file);
}

/**
 * What is excluded is ignored by the private git folder already; but an agent can un-ignore it by a file that it writes, and then
 * it has to be taken out again. (A pathspec that excludes it fails where it is ignored as well.)
 */
async function addAll(git: PrivateGit, file: string): Promise<void> {
  const environment = { GIT_INDEX_FILE: file };
  const nested = await nestedRepositories(git, file);
  const others = nested.map((path) => `:(top,literal,exclude)${path}`);
  // In two steps where the checkout is sparse: what is new is new everywhere, what is absent was removed only within it.
  if (git.sparse) await git.run(['add', '--sparse', '--ignore-removal', '--', '.', ...others], { environment });
  await git.run(['add', '--all', '--', '.', ...others], { environment });
  for (const path of nested) await readGitlink(git, path, environment);
  if (git.excluded.length === 0) return;
  const input = git.excluded.map((path) => `${path}\0`).join('');
  await git.run(['update-index', '--force-remove', '-z', '--stdin'], { environment, input });
}

/** The commit that is checked out in a submodule. One that has none, since it was never filled, stays as it is. */
async function readGitlink(git: PrivateGit, path: string, environment: Record<string, string>): Promise<void> {
  const head = readHead(join(git.folder, path));
  if (head === null) return;
  await git.run(['update-index', '--add', '--cacheinfo', `160000,${head},${path}`], { environment });
}
