import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { commonDirOf, gitDirOf } from '../git/common-dir.js';

/** The nearest folder at or above `from` that contains `name`. */
function findUp(from: string, name: string): string | null {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

/** The top folder of the git work tree that `from` lies in, or null. */
export function findRepository(from: string): string | null {
  return findUp(from, '.git');
}

/**
 * For a linked worktree its main work tree, else the folder itself (a submodule's git folder has no `commondir`).
 */
export function mainWorktree(top: string): string {
  const common = commonDirOf(top);
  return common !== null && common !== gitDirOf(top) && common.endsWith('/.git') ? dirname(common) : top;
}

/**
 * The project's root: the nearest folder with `.ai/`, else the git root, else null. From inside a linked worktree it is the
 * same place in the main one, where the state lives.
 */
export function findRoot(from: string): string | null {
  const start = realpathSync(from);
  const found = findUp(start, '.ai') ?? findRepository(start);
  if (found === null) return null;
  const top = findRepository(found);
  return top === null ? found : join(mainWorktree(top), relative(top, found));
}
