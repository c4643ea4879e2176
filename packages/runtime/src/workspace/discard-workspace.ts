import type { Task } from '@signalbox/task-core';
import { actorName } from '../actor.js';
import type { Ask } from '../door/door.js';
import { RuntimeError } from '../errors.js';
import type { ExecutorEnv } from '../executor/env.js';
import { keepEvidence } from '../executor/evidence.js';
import { withGitLock } from '../git/git-lock.js';
import { askAsPerson, asPerson, type Keeper, type KeeperAsk } from '../ledger/as-person.js';
import { mustGet } from '../tasks/hold-task.js';
import { writeCopied } from './copied-list.js';
import { discard } from './discard.js';
import { notAll } from './discard-errors.js';
import { noWorkspace } from './find-workspaces.js';
import { type KeptWork, keepWork } from './keep-work.js';
import { type KnownWorkspace, lookAt } from './known-workspaces.js';
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

const WHAT = 'discard a workspace';

/**
 * Throws workspaces away, for a person: what differs from where each began is kept as evidence of its attempt first. All are looked
 * at before the first one goes. Throws `WORKSPACE_IN_USE`, and `WORKSPACE_UNREADABLE` if not all of one can be kept so, unless
 * `force`; an error after the first has gone says in `details.discarded` which have. A branch with what an attempt has committed stays.
 */
export async function discardWorkspaces(
  env: DiscardEnv,
  workspaces: readonly Pick<KnownWorkspace, 'name'>[],
  { force }: { force: boolean },
): Promise<DiscardedWorkspace[]> {
  const { store, environment } = env.executor;
  env.door.refuseAgents(env.actor, WHAT);
  const room = worktreeEnv(store, environment);
  return withGitLock(store.paths.gitLock, store.clock, async () => {
    const found: Found[] = [];
    for (const { name } of workspaces) found.push(await lookInto(env, room, name, force));
    const done: DiscardedWorkspace[] = [];
    for (const each of await refusedFirst(env, found)) {
      done.push(
        await discardOne(env, room, each).catch((error: unknown) => {
          throw notAll(error, done);
        }),
      );
    }
    return done;
  });
}

/** One of them; see {@link discardWorkspaces}. */
export async function discardWorkspace(
  env: DiscardEnv,
  workspace: Pick<KnownWorkspace, 'name'>,
  options: { force: boolean },
): Promise<DiscardedWorkspace> {
  const [done] = await discardWorkspaces(env, [workspace], options);
  if (done === undefined) throw noWorkspace(workspace.name);
  return done;
}

interface Found {
  current: KnownWorkspace;
  task: Task;
  /** Null if git cannot read it. */
  kept: KeptWork | null;
  whole: boolean;
  ask: KeeperAsk;
}

async function lookInto({ executor }: DiscardEnv, room: RoomEnv, name: string, force: boolean): Promise<Found> {
  const { store } = executor;
  const task = await mustGet(store, taskOfFolder(name));
  const current = await lookAt(store, name, task);
  if (current === null) throw noWorkspace(name);
  if (current.state === 'in_use') throw inUse(current, task);
  const kept = await keepWork(executor, room, current, task).catch((error: unknown) => {
    if (force) return null;
    throw unreadable(name, [], error);
  });
  const whole = kept?.lost.length === 0 && kept.drafts.every(({ summary }) => summary['applicable'] !== false);
  if (!whole && !force) throw unreadable(name, kept?.lost ?? []);
  return { current, task, kept, whole, ask: askAbout(current, task, kept, force) };
}

/** A yes is about this work, as it was looked at, and about what `force` says to the loss of a part of it. */
function askAbout({ name, attempt }: KnownWorkspace, task: Task, kept: KeptWork | null, force: boolean): KeeperAsk {
  const { id, type, labels } = task;
  const work = kept && { tree: kept.tree, patches: kept.drafts.map(({ digest }) => digest), lost: kept.lost.length };
  return {
    action: 'workspace.discard',
    what: WHAT,
    resource: { id: name },
    subject: `task/${id}`,
    task: { id, type, labels, locks: task.locks.map(({ glob }) => glob) },
    exactly: { force, attempt: attempt?.id ?? null, work },
  };
}

/** Those that policy does not let go come first: then it is said before anything has gone. Every question is put. */
async function refusedFirst({ door, actor }: DiscardEnv, found: readonly Found[]): Promise<Found[]> {
  const sorted: Found[] = [];
  for (const each of found) {
    const ask: Ask = askAsPerson(actor, each.ask);
    const { decision } = door.judge(ask);
    const isAllowed = decision === 'allow' || (decision === 'ask' && (await door.inquire(ask))?.status === 'approved');
    if (isAllowed) sorted.push(each);
    else sorted.unshift(each);
  }
  return sorted;
}

async function discardOne(
  env: DiscardEnv,
  room: RoomEnv,
  { current, task, kept, whole, ask }: Found,
): Promise<DiscardedWorkspace> {
  const { store } = env.executor;
  const { name } = current;
  return asPerson(env, ask, async (withDecision) => {
    await keepEvidence(env.executor, kept?.drafts ?? []);
    const patches = (kept?.drafts ?? []).map(({ digest }) => digest);
    const attempt = current.attempt?.id ?? null;
    const data = { name, attempt, state: current.state, patches, whole };
    // Before it goes: what is killed in between is found again by its folder.
    const entry = { kind: 'workspace.discarded', actor: actorName(env.actor), subject: `task/${task.id}`, data };
    env.door.record(withDecision([entry]));
    await discard(current.path, placeOf(room).common);
    if (name === task.id) writeCopied(store.paths, name, []);
    return { name, task: task.id, attempt, patches, whole };
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

function unreadable(name: string, lost: readonly string[], cause?: unknown): RuntimeError {
  const [first] = lost;
  const others = lost.length > 1 ? ` and ${lost.length - 1} more` : '';
  const why =
    first === undefined
      ? 'git cannot read it, or it is too large, or holds a secret'
      : `${first}${others} is in a repository within it that cannot be read, or hidden by ignore rules of the attempt's own and too large`;
  return new RuntimeError({
    code: 'WORKSPACE_UNREADABLE',
    message: `What lies in the workspace ${name} cannot be kept as a patch: ${why}.`,
    hint: 'Copy what you need of it; then discard it with --force.',
    ...(lost.length > 0 ? { details: { lost: lost.slice(0, 100) } } : {}),
    cause,
  });
}
