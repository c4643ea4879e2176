import type { EvidenceDraft } from '@signalbox/audit';
import type { Task } from '@signalbox/task-core';
import { actorName } from '../actor.js';
import { RuntimeError } from '../errors.js';
import { attemptBlobs, collectContext } from '../executor/collect-context.js';
import type { ExecutorEnv } from '../executor/env.js';
import { keepEvidence } from '../executor/evidence.js';
import { createObjectGit } from '../executor/object-git.js';
import { withGitLock } from '../git/git-lock.js';
import { asPerson, type Keeper } from '../ledger/as-person.js';
import { mustGet } from '../tasks/hold-task.js';
import { writeCopied } from './copied-list.js';
import { discard } from './discard.js';
import { type KnownWorkspace, knownWorkspaces, lookAt } from './known-workspaces.js';
import { withWorkIn } from './work-in.js';
import { placeOf, type RoomEnv, worktreeEnv } from './worktree.js';
import { taskOfFolder } from './worktree-names.js';

export interface DiscardEnv extends Keeper {
  executor: ExecutorEnv;
}

export interface DiscardedWorkspace {
  name: string;
  task: string;
  attempt: string | null;
  /** Digests of the evidence that holds what lay in it; empty if nothing differed from where it began. */
  patches: string[];
  /** Whether these hold all of it. */
  whole: boolean;
}

/**
 * The workspaces that somebody means: all of a task, all of an attempt (the beginning of an id is enough), or the one moved aside
 * that has this name. Throws
 * `NOT_FOUND` and `AMBIGUOUS_ID`.
 */
export async function findWorkspaces({ store }: ExecutorEnv, target: string): Promise<KnownWorkspace[]> {
  const known = (await knownWorkspaces(store)).filter(({ state }) => state !== 'unknown');
  const named = known.filter(({ name, task }) => name === target && name !== task?.id);
  if (named.length > 0) return named;
  const ofAttempt = known.filter(({ attempt }) => attempt?.id.startsWith(target));
  if (new Set(ofAttempt.map(({ attempt }) => attempt?.id)).size > 1) throw ambiguous(target, ofAttempt);
  if (ofAttempt.length > 0) return ofAttempt;
  if (target.startsWith('att_')) throw nothing(`the attempt ${target}`);
  const id = await store.tasks.resolve(target);
  const ofTask = known.filter(({ task }) => task?.id === id);
  if (ofTask.length === 0) throw nothing(id);
  return ofTask;
}

/**
 * Throws one away, for a person: what differs from where it began is kept as evidence of its attempt first. Throws
 * `WORKSPACE_IN_USE`, and `WORKSPACE_UNREADABLE` if not all of it can be kept so, unless `force`. A branch with what an attempt has
 * committed stays.
 */
export async function discardWorkspace(
  env: DiscardEnv,
  workspace: Pick<KnownWorkspace, 'name'>,
  { force }: { force: boolean },
): Promise<DiscardedWorkspace> {
  const { store, environment } = env.executor;
  const { name } = workspace;
  const what = 'discard a workspace';
  return asPerson(env, { action: 'workspace.discard', what, resource: { id: name } }, (withDecision) =>
    withGitLock(store.paths.gitLock, store.clock, async () => {
      const task = await mustGet(store, taskOfFolder(name));
      const current = await lookAt(store, name, task);
      if (current === null) throw nothing(name);
      if (current.state === 'in_use') throw inUse(current, task);
      const room = worktreeEnv(store, environment);
      const drafts = await draftsOf(env.executor, room, current, task).catch((error: unknown) => {
        if (force) return null;
        throw unreadable(name, error);
      });
      const whole = drafts?.every(({ summary }) => summary['applicable'] !== false) ?? false;
      if (!whole && !force) throw unreadable(name);
      await keepEvidence(env.executor, drafts ?? []);
      const patches = (drafts ?? []).map(({ digest }) => digest);
      const attempt = current.attempt?.id ?? null;
      const data = { name, attempt, state: current.state, patches, whole };
      // Before it goes: what is killed in between is found again by its folder.
      const entry = { kind: 'workspace.discarded', actor: actorName(env.actor), subject: `task/${task.id}`, data };
      env.door.record(withDecision([entry]));
      await discard(current.path, placeOf(room).common);
      if (name === task.id) writeCopied(store.paths, name, []);
      return { name, task: task.id, attempt, patches, whole };
    }),
  );
}

async function draftsOf(
  env: ExecutorEnv,
  room: RoomEnv,
  workspace: KnownWorkspace,
  task: Task,
): Promise<EvidenceDraft[]> {
  const { environment } = room;
  return withWorkIn(room, workspace, 'shared', async ({ git, place, common, base, tree }) => {
    if (tree === (await git.run(['rev-parse', `${base}^{tree}`]))) return [];
    const { createTreeDiffCollector } = await import('@signalbox/audit/collectors');
    const objects = createObjectGit({ top: workspace.path, place, common, environment });
    const about = { task: task.id, attempt: workspace.attempt?.id ?? task.id, folder: workspace.path, tree };
    const context = collectContext(env, { ...about, blobs: attemptBlobs(env) });
    return createTreeDiffCollector({ git: objects, base, tree }).collect(context);
  });
}

function ambiguous(target: string, found: readonly KnownWorkspace[]): RuntimeError {
  return new RuntimeError({
    code: 'AMBIGUOUS_ID',
    message: `"${target}" is the beginning of several ids: ${found.map(({ attempt }) => attempt?.id).join(', ')}.`,
    hint: 'Give more of it.',
  });
}

function nothing(whose: string): RuntimeError {
  return new RuntimeError({
    code: 'NOT_FOUND',
    message: `There is no workspace of ${whose}.`,
    hint: 'See those that there are with `signalbox workspace list`.',
  });
}

function inUse({ name, attempt }: KnownWorkspace, { id, status, lease }: Task): RuntimeError {
  const isExecuted = status === 'running' && lease?.holder.startsWith('executor:');
  if (name === id && lease !== null && !isExecuted) {
    return new RuntimeError({
      code: 'WORKSPACE_IN_USE',
      message: `${lease.holder} holds ${id} until ${lease.expiresAt}, and may be at work in its workspace.`,
      hint: `Wait until it is given back, or break the lease with \`signalbox task requeue ${id}\`.`,
      details: { task: id, holder: lease.holder },
    });
  }
  return new RuntimeError({
    code: 'WORKSPACE_IN_USE',
    message: `${attempt?.id ?? 'Somebody'} is at work in the workspace ${name}.`,
    hint: 'Wait for its end, or cancel the task first.',
  });
}

function unreadable(name: string, cause?: unknown): RuntimeError {
  return new RuntimeError({
    code: 'WORKSPACE_UNREADABLE',
    message: `What lies in the workspace ${name} cannot be kept as a patch: git cannot read it, or it is too large, or holds a secret.`,
    hint: 'Copy what you need of it; then discard it with --force.',
    cause,
  });
}
