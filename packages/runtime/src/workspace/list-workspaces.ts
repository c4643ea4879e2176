import { findRepository } from '../project/find-root.js';
import type { ProjectStore } from '../project/open-store.js';
import { type KnownWorkspace, knownWorkspaces } from './known-workspaces.js';
import { sizeOfWork } from './work-in.js';
import type { WorkSize } from './work-size.js';
import { worktreeEnv } from './worktree.js';

export interface ListedWorkspace extends KnownWorkspace {
  /** Null while somebody is at work in it, and where git cannot read it. */
  changes: WorkSize | null;
}

/** The workspaces of a project, each with the size of what lies in it. Changes nothing, and writes nothing to the repository. */
export async function listWorkspaces(store: ProjectStore, environment: NodeJS.ProcessEnv): Promise<ListedWorkspace[]> {
  if (findRepository(store.paths.root) === null) return [];
  const env = worktreeEnv(store, environment);
  const listed: ListedWorkspace[] = [];
  for (const workspace of await knownWorkspaces(store)) {
    const isLookedAt = workspace.state === 'kept' || workspace.state === 'quarantined';
    listed.push({ ...workspace, changes: isLookedAt ? await sizeOfWork(env, workspace) : null });
  }
  return listed;
}
