import { existsSync } from 'node:fs';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, sha256 } from '@signalbox/kernel';
import { gitDirOf } from './common-dir.js';
import type { Git } from './git.js';

/**
 * Writes a folder as it is, with untracked and binary files but without ignored ones, as a git tree. Works on an index of its
 * own, so neither the user's index nor a running git command is disturbed.
 */
export interface Snapshots {
  /** The id of the tree. */
  take(): Promise<string>;
}

/**
 * For several snapshots of one folder. What is `excluded`, paths from the top of the work tree, is as if it were not there. The index is copied from git's once, before an agent has touched it (it could mark
 * files as unchanged there), and then kept in `scratch`: what git knows of each file's stat spares it reading all of them
 * again. `base` is where to start if there is no index to copy.
 */
export function createSnapshots(git: Git, base: string, scratch: string, excluded: readonly string[] = []): Snapshots {
  const file = join(scratch, 'snapshot.index');
  let started = false;
  let last: { index: Digest; tree: string } | null = null;
  return {
    async take() {
      if (!started) await startIndex(git, base, file);
      started = true;
      await addAll(git, file, excluded);
      // An index that `git add` has left as it was stands for the same tree: one git less.
      if (last === null || last.index !== sha256(await readFile(file))) {
        const tree = await git.run(['write-tree'], { environment: { GIT_INDEX_FILE: file } });
        last = { tree, index: sha256(await readFile(file)) };
      }
      return last.tree;
    },
  };
}

/** One snapshot of a folder whose own index may have been tampered with. */
export async function snapshotOnce(
  git: Git,
  base: string,
  scratch: string,
  excluded: readonly string[] = [],
): Promise<string> {
  const file = join(scratch, 'once.index');
  const environment = { GIT_INDEX_FILE: file };
  try {
    await git.run(['read-tree', base], { environment });
    await addAll(git, file, excluded);
    return await git.run(['write-tree'], { environment });
  } finally {
    await rm(file, { force: true });
  }
}

async function startIndex(git: Git, base: string, file: string): Promise<void> {
  const own = join(gitDirOf(git.folder) ?? '', 'index');
  if (!existsSync(own)) await git.run(['read-tree', base], { environment: { GIT_INDEX_FILE: file } });
  else await copyFile(own, file);
}

/**
 * What is excluded is ignored by the private git folder already; but an agent can un-ignore it by a file that it writes, and then
 * it has to be taken out again. (A pathspec that excludes it fails where it is ignored as well.)
 */
async function addAll(git: Git, file: string, excluded: readonly string[]): Promise<void> {
  const environment = { GIT_INDEX_FILE: file };
  await git.run(['add', '--all', '--', '.'], { environment });
  if (excluded.length === 0) return;
  const input = excluded.map((path) => `${path}\0`).join('');
  await git.run(['update-index', '--force-remove', '-z', '--stdin'], { environment, input });
}
