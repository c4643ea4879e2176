import type { Git } from '../git/git.js';

/** How much differs from where the work began. */
export interface WorkSize {
  files: number;
  /** Lines. */
  insertions: number;
  deletions: number;
}

export const NO_CHANGES: WorkSize = { files: 0, insertions: 0, deletions: 0 };

export async function sizeBetween(git: Git, base: string, tree: string): Promise<WorkSize> {
  const line = await git.run(['diff-tree', '-r', '--no-ext-diff', '--no-textconv', '--shortstat', base, tree]);
  const count = (what: string): number => Number(new RegExp(`(\\d+) ${what}`).exec(line)?.[1] ?? 0);
  return { files: count('file'), insertions: count('insertion'), deletions: count('deletion') };
}

export function addSizes(one: WorkSize, other: WorkSize): WorkSize {
  return {
    files: one.files + other.files,
    insertions: one.insertions + other.insertions,
    deletions: one.deletions + other.deletions,
  };
}
