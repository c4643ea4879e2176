import type { Git } from '../git/git.js';
import { filterSwitches, type GitSetting, readSettings } from '../git/user-settings.js';
import { fillSubmodules, type Submodule } from './submodules.js';

export interface NewWorktree {
  folder: string;
  /** How it gets its branch, if any. */
  options: readonly string[];
  commit: string;
  /** What `readSettings` has said. Default: it is asked. */
  settings?: readonly GitSetting[];
}

/**
 * `git worktree add`, with what it does not do by itself: submodules, and files under a filter whose program is not installed,
 * which are left as they are in the objects (LFS pointers) instead of failing. So are those under a filter that would run what an
 * agent may have written: the commit's own files are there when it runs. To be called under the lock.
 */
export async function addWorktree(
  { main, environment }: { main: Git; environment: NodeJS.ProcessEnv },
  { folder, options, commit, settings: known }: NewWorktree,
): Promise<Submodule[]> {
  const args = ['worktree', 'add', '--quiet', ...options, folder, commit];
  const settings = known ?? (await readSettings(main));
  await main.run(args, { environment: filterSwitches(settings, main, environment, folder) });
  return fillSubmodules({ main, environment, folder, commit, settings });
}
