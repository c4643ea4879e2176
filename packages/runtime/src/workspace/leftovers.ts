import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { commitTree } from '../git/commit.js';
import type { Git } from '../git/git.js';
import { createPrivateGit } from '../git/private-git.js';
import { readHead } from '../git/read-head.js';
import { snapshotOnce } from '../git/snapshot.js';
import { readCopied } from './copied-list.js';
import { gitlinksOf } from './submodules.js';
import { pathsInRepository } from './workspace.js';
import type { WorktreeEnv } from './worktree.js';

/** `unreadable`: git cannot read what is there, or no branch is there to keep it on. Nothing was changed. */
export type LeftoversOutcome = 'nothing' | 'kept' | 'unreadable';

/**
 * Commits what lies in a worktree to the branch of the attempt that left it; no other branch is ever moved, whatever the agent
 * has checked out there. Copies of the user's own files are no part of it.
 */
export async function keepLeftovers(
  env: WorktreeEnv,
  { task, folder, common, prefix }: { task: string; folder: string; common: string; prefix: string },
): Promise<LeftoversOutcome> {
  if (!existsSync(folder)) return 'nothing';
  try {
    const branch = await lastBranch(env.main, task);
    if (branch === null) return 'unreadable';
    const place = join(env.scratch, 'leftovers');
    await mkdir(place, { recursive: true });
    const excluded = pathsInRepository(prefix, readCopied(env.paths, task));
    const { main, environment } = env;
    const gitlinks = [...(await gitlinksOf(main, branch.tip)).keys()];
    // Its files are on no branch of this repository.
    if (await isAnyChanged(env, folder, gitlinks)) return 'unreadable';
    const git = await createPrivateGit({
      folder,
      common,
      place,
      base: branch.tip,
      main,
      environment,
      excluded,
    });
    const tree = await snapshotOnce(git, branch.tip, place);
    if (tree === (await env.main.run(['rev-parse', `${branch.tip}^{tree}`]))) return 'nothing';
    const message = 'Keep what an attempt left behind\n';
    const commit = await commitTree(env.main, { tree, parents: [branch.tip], message, author: 'signalbox' });
    await env.main.run(['update-ref', '--no-deref', branch.ref, commit, branch.tip]);
    return 'kept';
  } catch {
    return 'unreadable';
  }
}

/** Whether a submodule holds anything but the files of the commit that is checked out there. */
async function isAnyChanged(env: WorktreeEnv, folder: string, paths: readonly string[]): Promise<boolean> {
  const { environment, scratch } = env;
  for (const [index, path] of paths.entries()) {
    const own = join(folder, path);
    const common = join(own, '.git');
    if (!existsSync(common)) continue;
    const place = join(scratch, `left-${index}`);
    await mkdir(place, { recursive: true });
    const base = readHead(own);
    if (base === null) return true;
    const { main } = env;
    const git = await createPrivateGit({ folder: own, common, place, base, main, environment, objects: 'own' });
    if ((await snapshotOnce(git, base, place)) !== (await git.run(['rev-parse', `${base}^{tree}`]))) return true;
  }
  return false;
}

async function lastBranch(main: Git, task: string): Promise<{ ref: string; tip: string } | null> {
  const format = '--format=%(objectname) %(refname)';
  const listed = await main.run(['for-each-ref', '--sort=-version:refname', format, `refs/heads/signalbox/${task}/`]);
  const [tip, ref] = (listed.split('\n')[0] ?? '').split(' ');
  return tip && ref ? { ref, tip } : null;
}
