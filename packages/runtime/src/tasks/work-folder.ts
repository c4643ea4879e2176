import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { RuntimeError } from '../errors.js';
import { commonDirOf, gitDirOf } from '../git/common-dir.js';
import { findRepository } from '../project/find-root.js';
import type { HeldPlace } from '../sandbox/hold-commands.js';
import { prefixOf } from '../workspace/workspace.js';

/**
 * Where the checks of a project run for work that lies in `folder`: the project's root in the work tree that holds it, since
 * in a subfolder the same line can mean something else. Throws `WRONG_FOLDER` for a folder of no work tree of this repository
 * or, outside of git, one that is not in the project.
 */
export function findWorkRoot(root: string, folder: string): string {
  const [project, work] = [realpathSync(root), realpathSync(folder)];
  const top = findRepository(project);
  const common = top === null ? null : commonDirOf(top);
  if (top === null || common === null) {
    if (isWithin(project, work)) return project;
    throw wrongFolder(folder, `it is not in ${root}`);
  }
  const workTop = findRepository(work);
  if (workTop === null || !isWorkTreeOf(workTop, common))
    throw wrongFolder(folder, 'it is in no work tree of this one');
  const place = join(workTop, relative(top, project));
  if (existsSync(place)) return place;
  throw wrongFolder(folder, 'its work tree does not have this project');
}

/** What a sandbox around work at `folder`, as {@link findWorkRoot} has found it, has to know of it. */
export function placeOfWork(root: string, folder: string): HeldPlace {
  const top = findRepository(folder);
  const common = top === null ? null : commonDirOf(top);
  const repository = top === null || common === null ? null : { top: realpathSync(top), common: realpathSync(common) };
  if (folder === realpathSync(root)) return { kind: 'in-place', folder, prefix: '', repository };
  return { kind: 'worktree', folder, prefix: top === null ? '' : prefixOf(top, folder), repository };
}

/** A linked worktree is one only if the repository knows it by that place: its `.git` file alone could be a copy. */
function isWorkTreeOf(top: string, common: string): boolean {
  const own = gitDirOf(top);
  const shared = commonDirOf(top);
  if (own === null || shared === null || !isSame(shared, common)) return false;
  if (isSame(own, common)) return true;
  const known = join(own, 'gitdir');
  if (!isSame(dirname(own), join(common, 'worktrees')) || !existsSync(known)) return false;
  return isSame(resolve(own, readFileSync(known, 'utf8').trim()), join(top, '.git'));
}

function isSame(a: string, b: string): boolean {
  return existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b);
}

function isWithin(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}

function wrongFolder(folder: string, why: string): RuntimeError {
  return new RuntimeError({
    code: 'WRONG_FOLDER',
    message: `The checks cannot run in ${folder}: ${why}.`,
    hint: 'Complete the task from a work tree of its repository, where the work lies.',
  });
}
