import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProjectPaths } from '../project/paths.js';

/**
 * Which files of a task's worktree are copies of the user's own: whoever finds the worktree later must not take them for work. It
 * lies beside the worktrees, not in one.
 */
export function writeCopied(paths: ProjectPaths, task: string, copied: readonly string[]): void {
  const file = fileOf(paths, task);
  if (copied.length === 0) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(copied), { mode: 0o600 });
}

/** Empty if there are none. */
export function readCopied(paths: ProjectPaths, task: string): string[] {
  const file = fileOf(paths, task);
  if (!existsSync(file)) return [];
  const listed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return Array.isArray(listed) ? listed.map(String) : [];
}

function fileOf(paths: ProjectPaths, task: string): string {
  return join(paths.cache, 'copied', `${task}.json`);
}
