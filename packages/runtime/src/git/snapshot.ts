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
 * For several snapshots of one folder. The index is copied from git's once, before an agent has touched it (it could mark
 * files as unchanged there), and then kept in `scratch`: what git knows of each file's stat spares it reading all of them
 * again. `base` is where to start if there is no index to copy.
 */
export function createSnapshots(git: Git, base: string, scratch: string): Snapshots {
  const file = join(scratch, 'snapshot.index');
  let started = false;
  let last: { index: Digest; tree: string } | null = null;
  return {
    async take() {
      if (!started) await startIndex(git, base, file);
      started = true;
      await git.run(['add', '--all', '--', '.'], { environment: { GIT_INDEX_FILE: file } });
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
export async function snapshotOnce(git: Git, base: string, scratch: string): Promise<string> {
  const file = join(scratch, 'once.index');
  try {
    await git.run(['read-tree', base], { environment: { GIT_INDEX_FILE: file } });
    return await writeTree(git, file);
  } finally {
    await rm(file, { force: true });
  }
}

async function startIndex(git: Git, base: string, file: string): Promise<void> {
  const own = join(gitDirOf(git.folder) ?? '', 'index');
  if (!existsSync(own)) await git.run(['read-tree', base], { environment: { GIT_INDEX_FILE: file } });
  else await copyFile(own, file);
}

async function writeTree(git: Git, file: string): Promise<string> {
  const environment = { GIT_INDEX_FILE: file };
  await git.run(['add', '--all', '--', '.'], { environment });
  return git.run(['write-tree'], { environment });
}
