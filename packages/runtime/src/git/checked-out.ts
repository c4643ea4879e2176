import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRepository } from '../project/find-root.js';
import { commonDirOf } from './common-dir.js';
import type { Git } from './git.js';

/** What a HEAD holds where git keeps its refs elsewhere (https://git-scm.com/docs/reftable). */
export const ELSEWHERE = 'ref: refs/heads/.invalid';

/**
 * Whether a work tree of the repository has a branch checked out, by the HEAD of each. `git worktree list` is asked only where
 * that does not tell: it fails while another process makes or removes a work tree ("failed to read …/commondir").
 */
export async function isCheckedOut(git: Git, ref: string): Promise<boolean> {
  const top = findRepository(git.folder);
  const common = top === null ? null : commonDirOf(top);
  const heads = common === null ? [ELSEWHERE] : headsIn(common);
  if (heads.includes(`ref: ${ref}`)) return true;
  if (!heads.includes(ELSEWHERE)) return false;
  return (await git.run(['worktree', 'list', '--porcelain'])).split('\n').includes(`branch ${ref}`);
}

function headsIn(common: string): string[] {
  const notes = join(common, 'worktrees');
  const folders = existsSync(notes) ? readdirSync(notes).map((name) => join(notes, name)) : [];
  return [common, ...folders].map((folder) => {
    try {
      return readFileSync(join(folder, 'HEAD'), 'utf8').trim();
    } catch {
      return ''; // it is being made, or is gone by now
    }
  });
}
