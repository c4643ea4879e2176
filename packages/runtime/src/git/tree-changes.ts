import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './git.js';

/** One changed path between two trees, as `git diff-tree --raw` has it. */
export interface TreeChange {
  path: string;
  status: 'A' | 'M' | 'D' | 'T';
  mode: string;
  object: string;
}

/** What differs between two trees. */
export async function changesBetween(git: Git, before: string, after: string): Promise<TreeChange[]> {
  const raw = await git.run(['diff-tree', '-r', '--raw', '-z', '--no-renames', '--no-abbrev', before, after]);
  const fields = raw.split('\0');
  const changes: TreeChange[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [, mode = '', , object = '', status = 'M'] = (fields[i] ?? '').split(' ');
    changes.push({ path: fields[i + 1] ?? '', status: status as TreeChange['status'], mode, object });
  }
  return changes;
}

/** The tree of a commit. */
export function treeOf(git: Git, commit: string): Promise<string> {
  return git.run(['rev-parse', `${commit}^{tree}`]);
}

/** The tree `onto` with `changes` made to it: the agent's part alone, without what set-up left lying about. */
export async function applyChanges(
  git: Git,
  onto: string,
  changes: readonly TreeChange[],
  scratch: string,
): Promise<string> {
  if (changes.length === 0) return treeOf(git, onto);
  return withIndex(scratch, async (environment) => {
    await git.run(['read-tree', onto], { environment });
    const lines = changes.map(({ path, status, mode, object }) =>
      status === 'D' ? `0 ${'0'.repeat(object.length)}\t${path}\0` : `${mode} ${object}\t${path}\0`,
    );
    await git.run(['update-index', '-z', '--index-info'], { environment, input: lines.join('') });
    return git.run(['write-tree'], { environment });
  });
}

async function withIndex<T>(scratch: string, work: (environment: Record<string, string>) => Promise<T>): Promise<T> {
  const file = join(scratch, 'apply.index');
  try {
    return await work({ GIT_INDEX_FILE: file });
  } finally {
    await rm(file, { force: true });
  }
}
