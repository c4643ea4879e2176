import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { commonDirOf } from '../git/common-dir.js';
import { createGit, type Git } from '../git/git.js';
import { hiddenFiles } from '../git/hidden-files.js';
import { createPrivateGit, type PrivateGit } from '../git/private-git.js';
import { readHead, readPlain } from '../git/read-head.js';
import { snapshotOnce } from '../git/snapshot.js';
import { addSizes, NO_CHANGES, sizeBetween, type WorkSize } from './work-size.js';

/** A submodule, or another repository within a workspace. All that a tree of the workspace has of it is a commit's id. */
export interface InnerWork {
  /** From the top of the workspace. */
  path: string;
  /** What differs from where the work began, its own inner repositories left out; null where that cannot be told. */
  changes: WorkSize | null;
}

export interface OuterWork {
  git: PrivateGit;
  /** Commits or trees of the repository around it. */
  base: string;
  tree: string;
  /** A folder of our own. */
  place: string;
  /** Git in the user's own copy of it, and in the project, for what the user has no copy of. */
  source: Git | null;
  main: Git;
  environment: NodeJS.ProcessEnv;
}

/** How deep repositories in repositories are looked at. */
const DEEPEST = 8;

/** Looks into each repository within a folder, as into the folder itself: nothing that is configured there is run. */
export async function workWithin(outer: OuterWork, under = '', depth = 0): Promise<InnerWork[]> {
  const links = await gitlinksIn(outer.git, outer.tree);
  if (links.size === 0) return [];
  const before = await gitlinksIn(outer.git, outer.base);
  const found: InnerWork[] = [];
  for (const [index, name] of [...links.keys()].entries()) {
    const path = join(under, name);
    const own = join(outer.git.folder, name);
    if (!existsSync(join(own, '.git'))) {
      // Never filled, unless somebody has taken its git folder away.
      if (!isEmpty(own)) found.push({ path, changes: null });
      continue;
    }
    const place = join(outer.place, `within-${index}`);
    const about = { name, path, place, began: before.get(name) ?? null, depth };
    found.push(...(await lookInto(outer, about).catch((): InnerWork[] => [{ path, changes: null }])));
  }
  return found;
}

interface Inner {
  name: string;
  path: string;
  place: string;
  /** The commit of it where the work began; null for one that is new. */
  began: string | null;
  depth: number;
}

async function lookInto(outer: OuterWork, { name, path, place, began, depth }: Inner): Promise<InnerWork[]> {
  const { environment, main } = outer;
  const folder = join(outer.git.folder, name);
  const unknown = [{ path, changes: null }];
  const head = readHead(folder);
  const common = commonDirOf(folder);
  if (head === null || common === null || depth >= DEEPEST || hidesByItself(common)) return unknown;
  const copy = outer.source && join(outer.source.folder, name);
  const source = copy !== null && existsSync(join(copy, '.git')) ? createGit(copy, environment) : null;
  await mkdir(place, { recursive: true });
  const how = { folder, common, place, base: head, main: source ?? main, environment, objects: 'own' } as const;
  const git = await createPrivateGit(how);
  const tree = await snapshotOnce(git, head, place);
  const base = await treeAt(git, began);
  if ((await hiddenFiles(git, { base, tree, place })).length > 0) return unknown;
  const changes = tree === base ? NO_CHANGES : await sizeBetween(git, base, tree);
  return [{ path, changes }, ...(await workWithin({ ...outer, git, base, tree, place, source }, path, depth + 1))];
}

/** Of all that repositories hold within a folder; null if there is one of which it cannot be told. */
export function sizeWithin(within: readonly InnerWork[]): WorkSize | null {
  return within.reduce<WorkSize | null>((sum, { changes }) => sum && changes && addSizes(sum, changes), NO_CHANGES);
}

async function gitlinksIn(git: Git, tree: string): Promise<Map<string, string>> {
  const listed = await git.run(['ls-tree', '-r', '-z', '--full-tree', tree]);
  return new Map(
    listed.split('\0').flatMap((line): [string, string][] => {
      const [, commit, path] = /^160000 commit ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? [];
      return commit && path ? [[path, commit]] : [];
    }),
  );
}

/** The empty tree where there was none, or where the repository has that commit no more. */
async function treeAt(git: Git, commit: string | null): Promise<string> {
  if (commit !== null) {
    const found = await git.attempt(['rev-parse', '--verify', '--quiet', `${commit}^{tree}`]);
    if (found.exitCode === 0) return found.stdout;
  }
  return git.run(['hash-object', '-t', 'tree', '-w', '--stdin'], { input: '' });
}

/** Rules of its git folder are nobody's but those of who worked there. */
function hidesByItself(common: string): boolean {
  return /^[^#\s]/m.test(readPlain(join(common, 'info', 'exclude')) ?? '');
}

function isEmpty(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return !found?.isDirectory() || readdirSync(folder).length === 0;
}
