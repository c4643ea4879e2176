import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes git's note of a worktree of ours, then the worktree. In this order, since what an executor that dies in between has
 * left is found again by its folder. Not `git worktree prune`: that would forget a user's on a disk not mounted.
 */
export async function discard(folder: string, common: string): Promise<void> {
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
