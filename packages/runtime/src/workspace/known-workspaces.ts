import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findMarked } from '@signalbox/connectors';
import type { Attempt, Task } from '@signalbox/task-core';
import type { ProjectStore } from '../project/open-store.js';
import { checkRoomOf } from './worktree.js';
import { foldersIn, taskOfFolder } from './worktree-names.js';

/**
 * `in_use`: an attempt is at work in it. `kept`: nobody is, and what lies in it is not landed, or not collected yet.
 * `quarantined`: moved aside, since git could not read it or nobody could remove it. `unknown`: of no task of this project.
 */
export type WorkspaceState = 'in_use' | 'kept' | 'quarantined' | 'unknown';

/** A folder among the worktrees of a project. */
export interface KnownWorkspace {
  /** The folder's own name: `<task>`, or `<task>.kept-…`. */
  name: string;
  /** Absolute. */
  path: string;
  state: WorkspaceState;
  task: Pick<Task, 'id' | 'title' | 'status'> | null;
  /** Whose work lies in it, as far as that is known. */
  attempt: Pick<Attempt, 'id' | 'number'> | null;
  /** Since when it is in that state, as far as that can be told; ISO 8601. */
  since: string;
  /** The commit at which the attempt began; null if nobody has written it down. */
  base: string | null;
}

/** Every one of them, by name. The rooms in which checks run are none: nobody works there, and they go by themselves. */
export async function knownWorkspaces(store: Pick<ProjectStore, 'paths' | 'tasks'>): Promise<KnownWorkspace[]> {
  const names = await foldersIn(store.paths.worktrees);
  const found: KnownWorkspace[] = [];
  for (const name of names) {
    const task = await store.tasks.get(taskOfFolder(name));
    if (task !== null && name === checkRoomOf(task.id)) continue;
    const known = await lookAt(store, name, task);
    if (known !== null) found.push(known);
  }
  return found;
}

/** One of them as it is now; null if it is gone. */
export async function lookAt(
  store: Pick<ProjectStore, 'paths' | 'tasks'>,
  name: string,
  task: Task | null,
): Promise<KnownWorkspace | null> {
  const path = join(store.paths.worktrees, name);
  const changed = await stat(path).catch(() => null);
  if (changed === null) return null;
  // A move shows in this time alone.
  const since = new Date(changed.ctimeMs).toISOString();
  if (task === null) return { name, path, state: 'unknown', task: null, attempt: null, since, base: null };
  const attempts = await store.tasks.attempts(task.id);
  const attempt = attemptIn(name, attempts);
  const state = stateOf(name, task, attempt);
  const base = attempt?.data['base'];
  return {
    name,
    path,
    state,
    task: { id: task.id, title: task.title, status: task.status },
    attempt: attempt && { id: attempt.id, number: attempt.number },
    since: (state === 'in_use' ? attempt?.startedAt : state === 'kept' ? attempt?.finishedAt : null) ?? since,
    base: typeof base === 'string' ? base : null,
  };
}

/** What was moved aside for an attempt is what the one before it has left. */
function attemptIn(name: string, attempts: readonly Attempt[]): Attempt | null {
  const fence = /\.kept-(\d+)$/.exec(name)?.[1];
  const possible = fence === undefined ? attempts : attempts.filter((each) => each.fence < Number(fence));
  return possible.at(-1) ?? null;
}

function stateOf(name: string, task: Task, attempt: Attempt | null): WorkspaceState {
  const isAside = name !== task.id;
  if (!isAside && task.lease !== null) return 'in_use';
  // One that has lost its lease may still be about to find that out.
  if (attempt !== null && findMarked(attempt.id).length > 0) return 'in_use';
  return isAside ? 'quarantined' : 'kept';
}
