import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The git folder of the work tree whose top is `top`: `.git` itself, or where the file of that name leads. */
export function gitDirOf(top: string): string | null {
  const dotGit = join(top, '.git');
  if (!existsSync(dotGit)) return null;
  if (statSync(dotGit).isDirectory()) return dotGit;
  const named = /^gitdir: (.+)$/m.exec(readFileSync(dotGit, 'utf8'))?.[1];
  return named === undefined ? null : resolve(top, named);
}

/** The git folder that all worktrees of a repository share, with its objects, refs, configuration and hooks. */
export function commonDirOf(top: string): string | null {
  const own = gitDirOf(top);
  if (own === null) return null;
  const file = join(own, 'commondir');
  return existsSync(file) ? resolve(own, readFileSync(file, 'utf8').trim()) : own;
}
