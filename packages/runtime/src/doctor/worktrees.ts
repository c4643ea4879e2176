import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@signalbox/kernel';
import type { ProjectPaths } from '../project/paths.js';
import { findOddFolders } from '../workspace/worktree-names.js';
import { askStore } from './ask-store.js';
import type { Finding } from './examine.js';

/** Folders among the worktrees that are never removed by themselves. Nothing to say when there are none. */
export async function worktreeFindings(paths: ProjectPaths, clock: Clock): Promise<Finding[]> {
  if (!existsSync(paths.worktrees) || !existsSync(paths.database)) return [];
  const found = await askStore(paths, clock, findOddFolders);
  if (found === null) return [];
  return [
    ...odd(paths, found.strange, 'of no task of this project', 'Remove them if nobody needs them.'),
    ...odd(
      paths,
      found.aside,
      'that git could not read, so they were moved aside',
      'Look at them; then `signalbox workspace discard`.',
    ),
  ];
}

function odd(paths: ProjectPaths, names: readonly string[], what: string, hint: string): Finding[] {
  if (names.length === 0) return [];
  const text = `folders ${what}: ${names.map((name) => join(paths.worktrees, name)).join(', ')}`;
  return [{ name: 'worktrees', state: 'warn', text, hint }];
}
