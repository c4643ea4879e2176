import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from './project.js';

/** What of the user's checkout a command may not touch, with the contents of every file that is not committed. */
export function checkoutOfProject(project: Project): unknown {
  const status = project.git('status', '--porcelain=v1', '--branch', '--untracked-files=all', '--', '.', ':!.ai');
  const changed = status
    .split('\n')
    .slice(1)
    .map((line) => line.slice(3));
  return {
    head: project.git('rev-parse', 'HEAD'),
    status,
    contents: changed.map((path) => readFileSync(join(project.root, path), 'utf8')),
    stashes: project.git('stash', 'list'),
  };
}
