import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { createGit } from '../git/git.js';
import { hiddenFiles } from '../git/hidden-files.js';
import { createPrivateGit, type PrivateGit } from '../git/private-git.js';
import { snapshotOnce } from '../git/snapshot.js';
import { resolveCommit } from '../landing/branch-tips.js';
import { INTEGRATION_REF } from '../landing/integration.js';
import { readCopied } from './copied-list.js';
import type { KnownWorkspace } from './known-workspaces.js';
import { removeTree } from './remove-tree.js';
import { addSizes, sizeBetween, type WorkSize } from './work-size.js';
import { type InnerWork, sizeWithin, workWithin } from './work-within.js';
import { pathsInRepository } from './workspace.js';
import { placeOf, type RoomEnv } from './worktree.js';
import { taskOfFolder } from './worktree-names.js';

/** What lies in a workspace, as git trees. */
export interface WorkIn {
  git: PrivateGit;
  /** A temporary folder, with the private git folder in it. */
  place: string;
  common: string;
  /** A commit: where the work began. */
  base: string;
  tree: string;
  /** Files that the tree has not, since ignore rules hide them that `base` had not. */
  hidden: string[];
  /** What lies in submodules and other repositories within. */
  within: InnerWork[];
}

/**
 * Reads a workspace as it is, and gives what it found to `use`; what `base` ignores and copies of the user's own files are no part of
 * it. Trees are written to a place of their own that is gone afterwards, or (`shared`) to the repository. Throws for a folder that
 * git cannot read.
 */
export async function withWorkIn<T>(
  env: RoomEnv,
  workspace: Pick<KnownWorkspace, 'name' | 'path' | 'base'>,
  objects: 'own' | 'shared',
  use: (work: WorkIn) => Promise<T>,
): Promise<T> {
  const { common, prefix } = placeOf(env);
  await mkdir(env.paths.scratch, { recursive: true, mode: 0o700 });
  const place = await mkdtemp(join(env.paths.scratch, 'look-'));
  try {
    const base = await startOf(env, workspace.base);
    const excluded = pathsInRepository(prefix, readCopied(env.paths, taskOfFolder(workspace.name)));
    const { main, environment } = env;
    const git = await createPrivateGit({
      ...{ folder: workspace.path, common, place, base, main, environment, excluded, objects },
    });
    const tree = await snapshotOnce(git, base, place);
    const hidden = await hiddenFiles(git, { base, tree, place });
    const top = createGit(await main.run(['rev-parse', '--show-toplevel']), environment);
    const within = await workWithin({ git, base, tree, place, source: top, main, environment });
    return await use({ git, place, common, base, tree, hidden, within });
  } finally {
    await removeTree(place);
  }
}

async function startOf({ main }: RoomEnv, noted: string | null): Promise<string> {
  const known = noted === null ? null : await resolveCommit(main, noted);
  return known ?? (await resolveCommit(main, INTEGRATION_REF)) ?? main.run(['rev-parse', '--verify', 'HEAD^{commit}']);
}

/** Null for a folder that git cannot read, or one within that it cannot. */
export async function sizeOfWork(
  env: RoomEnv,
  workspace: Pick<KnownWorkspace, 'name' | 'path' | 'base'>,
): Promise<WorkSize | null> {
  try {
    return await withWorkIn(env, workspace, 'own', async ({ git, base, tree, hidden, within }) => {
      const inside = sizeWithin(within);
      if (inside === null) return null;
      const size = addSizes(await sizeBetween(git, base, tree), inside);
      return { ...size, files: size.files + hidden.length };
    });
  } catch {
    return null;
  }
}
