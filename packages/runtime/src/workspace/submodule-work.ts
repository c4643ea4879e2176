import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createGit, type Git } from '../git/git.js';
import { createPrivateGit } from '../git/private-git.js';
import { readHead } from '../git/read-head.js';
import { createSnapshots, type Snapshots } from '../git/snapshot.js';
import type { Submodule } from './submodules.js';

/** Looks after the submodules of one worktree. */
export interface SubmoduleWatch {
  /** Those with work in them that the repository itself cannot hold: changed files, or a commit that only this worktree has. */
  unlandable(): Promise<string[]>;
}

export interface SubmoduleWatchRequest {
  /** The top of the worktree. */
  folder: string;
  submodules: readonly Submodule[];
  /** An empty folder of our own. */
  place: string;
  environment: NodeJS.ProcessEnv;
}

interface Watched extends Submodule {
  folder: string;
  head: string;
  git: Git;
  snapshots: Snapshots;
  before: string;
}

/** Takes down how the submodules are now, before an agent has touched them. */
export async function watchSubmodules(request: SubmoduleWatchRequest): Promise<SubmoduleWatch> {
  const watched: Watched[] = [];
  for (const [index, submodule] of request.submodules.entries()) {
    watched.push(await watchOne(request, submodule, join(request.place, `submodule-${index}`)));
  }
  return {
    async unlandable() {
      const found: string[] = [];
      for (const each of watched) if (await hasOwnWork(request, each)) found.push(each.path);
      return found;
    },
  };
}

async function watchOne(request: SubmoduleWatchRequest, submodule: Submodule, place: string): Promise<Watched> {
  const { environment } = request;
  const folder = join(request.folder, submodule.path);
  const head = readHead(folder);
  if (head === null) throw new Error(`${folder} was filled, but nothing is checked out there`);
  await mkdir(place, { recursive: true });
  const main = createGit(submodule.source, environment);
  const common = join(folder, '.git');
  const git = await createPrivateGit({ folder, common, place, base: head, main, environment, objects: 'own' });
  const snapshots = createSnapshots(git, head, place);
  return { ...submodule, folder, head, git, snapshots, before: await snapshots.take() };
}

async function hasOwnWork({ environment }: SubmoduleWatchRequest, each: Watched): Promise<boolean> {
  // Removed as a whole it is a change of the repository around it.
  if (!existsSync(each.folder)) return false;
  if (!existsSync(join(each.folder, '.git'))) return true;
  const head = readHead(each.folder);
  if (head === null) return true;
  const after = await each.snapshots.take();
  if (head === each.head) return after !== each.before;
  const source = createGit(each.source, environment);
  const has = await source.attempt(['cat-file', '-e', `${head}^{commit}`]);
  if (has.exitCode !== 0) return true;
  return after !== (await source.run(['rev-parse', `${head}^{tree}`]));
}
