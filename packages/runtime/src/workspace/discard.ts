import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes a worktree of ours and git's note of it. Not `git worktree prune`: that would forget a user's on a disk not mounted. */
export async function discard(folder: string, common: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  const notes = join(common, 'worktrees');
  if (!existsSync(notes)) return;
  for (const name of await readdir(notes)) {
    const gitdir = join(notes, name, 'gitdir');
    if (!existsSync(gitdir)) continue;
    if ((await readFile(gitdir, 'utf8')).trim() === join(folder, '.git')) {
      await rm(join(notes, name), { recursive: true, force: true, maxRetries: 5 });
    }
  }
}
