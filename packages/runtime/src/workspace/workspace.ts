import type { Git } from '../git/git.js';

/** Where an attempt works. */
export interface Workspace {
  kind: 'worktree' | 'in-place';
  /** Absolute: the working directory of the agent and of the checks. */
  folder: string;
  /** Git in that folder, or null outside of git. */
  git: Git | null;
  /** The commit that the work starts from; null outside of git or before the first commit. */
  base: string | null;
  /** The branch that holds the attempt's work; null in place. */
  branch: string | null;
}
