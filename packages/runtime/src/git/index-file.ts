import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Git's index of the work tree whose top is `folder`, or null if there is none (or the folder is not the top). */
export function findIndexFile(folder: string): string | null {
  const dotGit = join(folder, '.git');
  if (!existsSync(dotGit)) return null;
  const gitFolder = statSync(dotGit).isDirectory() ? dotGit : linkedFolder(folder, dotGit);
  const index = gitFolder === null ? null : join(gitFolder, 'index');
  return index !== null && existsSync(index) ? index : null;
}

/** In a linked worktree `.git` is a file that names the real folder. */
function linkedFolder(folder: string, dotGit: string): string | null {
  const named = /^gitdir: (.+)$/m.exec(readFileSync(dotGit, 'utf8'))?.[1];
  return named === undefined ? null : resolve(folder, named);
}
