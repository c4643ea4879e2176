import type { Git } from '../git/git.js';
import { missingFilterArgs } from '../git/user-settings.js';
import { vacate } from './discard.js';
import { fillSubmodules, type Submodule } from './submodules.js';

export interface NewWorktree {
  folder: string;
  common: string;
  /** How it gets its branch, if any. */
  options: readonly string[];
  commit: string;
}

/**
 * `git worktree add`, with what it does not do by itself: submodules, and files under a filter whose program is not installed,
 * which are left as they are in the objects (LFS pointers) instead of failing. To be called under the lock.
 */
export async function addWorktree(
  { main, environment }: { main: Git; environment: NodeJS.ProcessEnv },
  { folder, common, options, commit }: NewWorktree,
): Promise<Submodule[]> {
  const args = ['worktree', 'add', '--quiet', ...options, folder, commit];
  const first = await main.attempt(args);
  if (first.exitCode !== 0) {
    const without = await missingFilterArgs(main, environment);
    await vacate(folder, common);
    await main.run([...without, ...args]);
  }
  return fillSubmodules({ main, environment, folder, commit });
}
