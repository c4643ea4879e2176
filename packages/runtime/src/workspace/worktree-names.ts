import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { ProjectStore } from '../project/open-store.js';

/** The folders in a folder, sorted; none if it is not there. */
export async function foldersIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

/** The task that a folder among the worktrees is of: `<task>`, `<task>.check`, or one of them moved aside: `….kept-…`. */
export function taskOfFolder(name: string): string {
  return name.split('.')[0] ?? '';
}

export interface OddFolders {
  /** Of no task of this store: whose they are, nobody knows. */
  strange: string[];
  /** Moved aside, since git could not read them, or nobody could remove them. */
  aside: string[];
}

/** Folders among the worktrees that a person should know of. Removes nothing. */
export async function findOddFolders(store: Pick<ProjectStore, 'paths' | 'tasks'>): Promise<OddFolders> {
  const found: OddFolders = { strange: [], aside: [] };
  for (const name of await foldersIn(store.paths.worktrees)) {
    if ((await store.tasks.get(taskOfFolder(name))) === null) found.strange.push(name);
    else if (name.includes('.kept-')) found.aside.push(name);
  }
  return found;
}
