import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { EvidenceDraft } from '@signalbox/audit';
import type { Task } from '@signalbox/task-core';
import { attemptBlobs, collectContext } from '../executor/collect-context.js';
import type { ExecutorEnv } from '../executor/env.js';
import { createObjectGit } from '../executor/object-git.js';
import { treeWith } from '../git/hidden-files.js';
import type { KnownWorkspace } from './known-workspaces.js';
import { type WorkIn, withWorkIn } from './work-in.js';
import type { RoomEnv } from './worktree.js';

/** What can be kept of a workspace. */
export interface KeptWork {
  drafts: EvidenceDraft[];
  /** Paths of repositories, and of files that are hidden, of which it cannot be kept. */
  lost: string[];
  /** What lies there, hidden files and all that can be read. */
  tree: string;
}

/** Of files that ignore rules hide: more of them is what a tool has installed, and no work to be kept as a patch. */
const MOST_HIDDEN = 2_000;
const MOST_HIDDEN_BYTES = 32 * 1024 * 1024;

/** Throws for a folder that git cannot read. */
export async function keepWork(
  env: ExecutorEnv,
  room: RoomEnv,
  workspace: KnownWorkspace,
  task: Task,
): Promise<KeptWork> {
  const { environment } = room;
  return withWorkIn(room, workspace, 'shared', async (work) => {
    const { git, place, common, base, within } = work;
    const { tree, lost } = await withHidden(work, workspace.path);
    const changed = within.filter(({ changes }) => changes === null || changes.files > 0).map(({ path }) => path);
    if (tree === (await git.run(['rev-parse', `${base}^{tree}`])) && changed.length === 0) {
      return { drafts: [], lost, tree };
    }
    const { createTreeDiffCollector } = await import('@signalbox/audit/collectors');
    const objects = createObjectGit({ top: workspace.path, place, common, environment });
    const about = { task: task.id, attempt: workspace.attempt?.id ?? task.id, folder: workspace.path, tree };
    const context = collectContext(env, { ...about, blobs: attemptBlobs(env) });
    const drafts = await createTreeDiffCollector({ git: objects, base, tree }).collect(context);
    const told = new Set(drafts.map(({ summary }) => summary['submodule']));
    const unread = within.filter(({ path, changes }) => changes === null || (changes.files > 0 && !told.has(path)));
    return { drafts, lost: [...lost, ...unread.map(({ path }) => path)], tree };
  });
}

async function withHidden(
  { git, tree, place, hidden }: WorkIn,
  folder: string,
): Promise<Pick<KeptWork, 'tree' | 'lost'>> {
  if (hidden.length === 0) return { tree, lost: [] };
  const isRepository = hidden.some((path) => path.endsWith('/'));
  const isMuch = hidden.length > MOST_HIDDEN || sizeOf(folder, hidden) > MOST_HIDDEN_BYTES;
  if (isRepository || isMuch) return { tree, lost: hidden };
  return { tree: await treeWith(git, tree, hidden, place), lost: [] };
}

function sizeOf(folder: string, paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + (lstatSync(join(folder, path), { throwIfNoEntry: false })?.size ?? 0), 0);
}
