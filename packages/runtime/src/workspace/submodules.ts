import { copyFileSync, existsSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commonDirOf } from '../git/common-dir.js';
import { createGit, type Git } from '../git/git.js';
import { filterSwitches, type GitSetting } from '../git/user-settings.js';

/** A submodule of a worktree that has its files. */
export interface Submodule {
  /** From the top of the work tree that it is in. */
  path: string;
  /** The folder of the user's own copy, which is only read. */
  source: string;
}

export interface SubmoduleRequest {
  /** Git in the user's checkout. */
  main: Git;
  environment: NodeJS.ProcessEnv;
  /** The new worktree, and the commit that is checked out there. */
  folder: string;
  commit: string;
  settings: readonly GitSetting[];
}

/** How deep submodules of submodules are looked at. */
const DEEPEST = 4;

/** The paths of all submodules of a commit, whether there is anything in them or not. */
export async function gitlinksOf(git: Git, commit: string): Promise<Map<string, string>> {
  const has = await git.attempt(['cat-file', '-e', `${commit}:.gitmodules`]);
  if (has.exitCode !== 0) return new Map();
  const listed = await git.run(['ls-tree', '-r', '-z', commit]);
  const links = listed.split('\0').flatMap((line): [string, string][] => {
    const [about = '', path = ''] = line.split('\t');
    const [mode, , object = ''] = about.split(' ');
    return mode === '160000' ? [[path, object]] : [];
  });
  return new Map(links);
}

/**
 * Gives a new worktree the files of the submodules that the user's checkout has, which `git worktree add` leaves empty. Their
 * objects are borrowed from there; nothing is fetched, no hook runs, and there is no remote by which one could write to the
 * user's. What the user has not initialised, or not fetched the commit of, stays empty.
 */
export async function fillSubmodules(request: SubmoduleRequest): Promise<Submodule[]> {
  if (!existsSync(join(request.folder, '.gitmodules'))) return [];
  const top = await request.main.run(['rev-parse', '--show-toplevel']);
  const without = filterSwitches(request.settings, request.main, request.environment, request.folder);
  return fillFrom(top, request.folder, request.commit, { ...request, without, depth: 1 });
}

interface FillScope {
  environment: NodeJS.ProcessEnv;
  /** Variables that switch off filters that are not to be run. */
  without: Record<string, string>;
  depth: number;
}

async function fillFrom(from: string, folder: string, commit: string, scope: FillScope): Promise<Submodule[]> {
  const links = await gitlinksOf(createGit(folder, scope.environment), commit);
  const filled: Submodule[] = [];
  for (const [path, object] of links) {
    const source = join(from, path);
    if (!isPlainFolder(folder, path) || !(await fillOne(source, join(folder, path), object, scope))) continue;
    filled.push({ path, source });
    if (scope.depth >= DEEPEST) continue;
    await fillFrom(source, join(folder, path), object, { ...scope, depth: scope.depth + 1 });
  }
  return filled;
}

/** A path of a commit could lead out of the worktree by a link in it. */
function isPlainFolder(folder: string, path: string): boolean {
  let place = folder;
  return path.split('/').every((segment) => {
    place = join(place, segment);
    return segment !== '..' && segment !== '.git' && existsSync(place) && lstatSync(place).isDirectory();
  });
}

async function fillOne(
  source: string,
  target: string,
  commit: string,
  { environment, without }: FillScope,
): Promise<boolean> {
  const own = existsSync(source) ? commonDirOf(source) : null;
  if (own === null) return false;
  const has = await createGit(source, environment).attempt(['cat-file', '-e', `${commit}^{commit}`]);
  if (has.exitCode !== 0) return false;
  const git = createGit(target, environment);
  const format = commit.length === 64 ? ['--object-format=sha256'] : [];
  await git.run(['init', '--quiet', '--template=', ...format]);
  const directory = join(target, '.git');
  mkdirSync(join(directory, 'objects', 'info'), { recursive: true });
  writeFileSync(join(directory, 'objects', 'info', 'alternates'), `${join(own, 'objects')}\n`);
  // A shallow copy has no parents beyond its edge.
  if (existsSync(join(own, 'shallow'))) copyFileSync(join(own, 'shallow'), join(directory, 'shallow'));
  const checkout = await git.attempt(['checkout', '--quiet', '--detach', commit], { environment: without });
  if (checkout.exitCode === 0) return true;
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  return false;
}
