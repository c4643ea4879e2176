import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

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
 * For a linked worktree its main work tree, else the folder itself. A worktree's `.git` is a file that names its git folder,
 * and that one's `commondir` leads to the main `.git`; a submodule's git folder has no `commondir`.
 */
export function mainWorktree(top: string): string {
  const dotGit = join(top, '.git');
  if (!existsSync(dotGit) || !statSync(dotGit).isFile()) return top;
  const gitFolder = /^gitdir: (.+)$/m.exec(readFileSync(dotGit, 'utf8'))?.[1];
  if (!gitFolder) return top;
  const commonFile = join(resolve(top, gitFolder), 'commondir');
  if (!existsSync(commonFile)) return top;
  const common = resolve(top, gitFolder, readFileSync(commonFile, 'utf8').trim());
  return common.endsWith('/.git') ? dirname(common) : top;
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
