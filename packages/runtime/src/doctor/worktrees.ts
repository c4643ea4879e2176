import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@signalbox/kernel';
import { openStore } from '../project/open-store.js';
import type { ProjectPaths } from '../project/paths.js';
import { findOddFolders } from '../workspace/worktree-names.js';
import type { Finding } from './examine.js';

/** Folders among the worktrees that are never removed by themselves. Nothing to say when there are none. */
export async function worktreeFindings(paths: ProjectPaths, clock: Clock): Promise<Finding[]> {
  if (!existsSync(paths.worktrees) || !existsSync(paths.database)) return [];
  try {
    const store = openStore(paths, clock);
    try {
      const { strange, aside } = await findOddFolders(store);
      return [
        ...odd(paths, strange, 'of no task of this project', 'Remove them if nobody needs them.'),
        ...odd(paths, aside, 'that git could not read, so they were moved aside', 'Look at them; then remove them.'),
      ];
    } finally {
      store.close();
    }
  } catch {
    return []; // what is wrong with the store is a finding of its own
  }
}

function odd(paths: ProjectPaths, names: readonly string[], what: string, hint: string): Finding[] {
  if (names.length === 0) return [];
  const text = `folders ${what}: ${names.map((name) => join(paths.worktrees, name)).join(', ')}`;
  return [{ name: 'worktrees', state: 'warn', text, hint }];
}
