import type { Git } from '../git/git.js';

/** Where an attempt works. */
export interface Workspace {
  kind: 'worktree' | 'in-place';
  /** Absolute: the working directory of the agent. */
  folder: string;
  /** What there is of git, or null outside of it and before the first commit. */
  repository: Repository | null;
  /** The branch that holds the attempt's work; null in place. */
  branch: string | null;
}

export interface Repository {
  /** Git in the user's checkout: for commits, refs and merges. Never in the folder that an agent has written to. */
  main: Git;
  /** The top of the work tree that the workspace is, or lies in. */
  top: string;
  /** The git folder that all worktrees share. */
  common: string;
  /** The commit that the work starts from. */
  base: string;
}
