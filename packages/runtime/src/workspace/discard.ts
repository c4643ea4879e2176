import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomToken } from '@signalbox/kernel';
import { removeTree } from './remove-tree.js';

/**
 * Removes git's note of a worktree of ours, then the worktree. In this order, since what an executor that dies in between has
 * left is found again by its folder. Not `git worktree prune`: that would forget a user's on a disk not mounted.
 */
export async function discard(folder: string, common: string, remove: typeof rm = rm): Promise<void> {
  const notes = join(common, 'worktrees');
  for (const name of existsSync(notes) ? await readdir(notes) : []) {
    const gitdir = join(notes, name, 'gitdir');
    if (!existsSync(gitdir) || (await readFile(gitdir, 'utf8')).trim() !== join(folder, '.git')) continue;
    // Without this file git takes a note for none; with it and half of the others, it fails.
    await rm(gitdir, { force: true });
    await removeTree(join(notes, name));
  }
  await removeTree(folder, remove);
}

/**
 * As `discard`, for a place that is needed now: what cannot be removed is moved aside, where it is in nobody's way, and is
 * removed with the task's other folders once somebody has made that possible.
 */
export async function vacate(folder: string, common: string, remove: typeof rm = rm): Promise<void> {
  try {
    await discard(folder, common, remove);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    await rename(folder, `${folder}.${randomToken('kept-x')}`).catch(() => {
      throw error;
    });
  }
}
