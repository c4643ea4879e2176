import { realpathSync } from 'node:fs';
import { posix, relative } from 'node:path';
import type { Git } from '../git/git.js';
import type { Submodule } from './submodules.js';

/** Where an attempt works. */
export interface Workspace {
  kind: 'worktree' | 'in-place';
  /** Absolute: the working directory of the agent. */
  folder: string;
  /** What there is of git, or null outside of it and before the first commit. */
  repository: Repository | null;
  /** The branch that holds the attempt's work; null in place. */
  branch: string | null;
  /** Where the project lies in its repository: empty at the top, else such as `apps/web`. */
  prefix: string;
  /** Copies of the user's own files, relative to `folder`: they are nobody's work. */
  copied: readonly string[];
  /** Those that have their files, of a worktree. */
  submodules: readonly Submodule[];
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

/** Where a project with this root lies in the work tree whose top is `top`. */
export function prefixOf(top: string, root: string): string {
  return relative(realpathSync(top), realpathSync(root));
}

/** Names as the project has them, of paths as git has them; one beside the project begins with `../`. */
export function namesInProject(prefix: string, paths: readonly string[]): string[] {
  return prefix === '' ? [...paths] : paths.map((path) => posix.relative(prefix, path));
}

/** The other way round. */
export function pathsInRepository(prefix: string, names: readonly string[]): string[] {
  return prefix === '' ? [...names] : names.map((name) => posix.join(prefix, name));
}
