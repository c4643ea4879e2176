import { sweep } from '@signalbox/connectors';
import { type JsonObject, messageOf } from '@signalbox/kernel';
import { createGit } from '../git/git.js';
import { readSettings } from '../git/user-settings.js';
import { INTEGRATION_REF, prepareIntegration } from '../landing/integration.js';
import { guardIntegration } from '../landing/integration-guard.js';
import { findRepository } from '../project/find-root.js';
import { openInPlace } from '../workspace/in-place.js';
import type { Workspace } from '../workspace/workspace.js';
import { createWorktree, worktreeEnv } from '../workspace/worktree.js';
import type { ExecutorEnv } from './env.js';

/** No workspace could be made for this task, for a reason that stays until somebody looks. */
export interface Unmade {
  kind: 'unmade';
  reason: string;
}

/** Throws for what is the whole project's fault: no task could begin, and none is to blame. */
export async function openWorkspace(
  env: ExecutorEnv,
  wish: 'worktree' | 'in-place' | undefined,
  task: string,
  fence: number,
  scratch: string,
): Promise<Workspace | Unmade> {
  const { root } = env.store.paths;
  if (wish === 'in-place' || findRepository(root) === null) return openInPlace(root, env.environment);
  const main = createGit(root, env.environment);
  const { ledger } = env.store;
  await endEarlierAttempts(env, task);
  const [base, settings] = await Promise.all([
    prepareIntegration(main, env.base, {
      check: (tip) => guardIntegration(main, ledger, tip),
      // Before and after, as with a landing: a kill in between must not make our own move look like somebody else's.
      moving: (old, next) => recordMove(env, 'landing.intended', { old, new: next }),
      moved: (commit) => recordMove(env, 'landing.prepared', { commit }),
    }),
    readSettings(main),
  ]);
  const room = { ...worktreeEnv(env.store, env.environment, env.workspace.copy), scratch };
  return createWorktree(room, { task, fence, base, settings }).catch(unmadeBy);
}

/** What another try would meet again: rights, a file in the way. */
const LASTING: ReadonlySet<string> = new Set([
  ...['EACCES', 'EPERM', 'EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'EBUSY', 'GIT_FAILED'],
]);
/** Not one task's fault, or over in a moment: a machine that is full, another git that is at work. */
const PASSING =
  /No space left|Disk quota exceeded|Read-only file system|Too many open files|Cannot allocate memory|Resource temporarily unavailable|\.lock': File exists/;

/** Throws the error itself where the task may simply be tried again. */
export function unmadeBy(error: unknown): Unmade {
  const { code } = error as { code?: unknown };
  const message = messageOf(error);
  if (typeof code !== 'string' || !LASTING.has(code) || PASSING.test(message)) throw error;
  return { kind: 'unmade', reason: `The workspace could not be made: ${message}` };
}

function recordMove(env: ExecutorEnv, kind: string, data: JsonObject): void {
  env.door.record([{ kind, actor: 'system', subject: 'project', data: { ref: INTEGRATION_REF, ...data } }]);
}

/**
 * An attempt that lost its lease may still be at work, in the folder that this one is about to use: its processes are ended,
 * or what they write would pass for this attempt's.
 */
async function endEarlierAttempts(env: ExecutorEnv, task: string): Promise<void> {
  const attempts = await env.store.tasks.attempts(task);
  await Promise.all(attempts.filter(({ outcome }) => outcome === 'lost').map(({ id }) => sweep(id)));
}
