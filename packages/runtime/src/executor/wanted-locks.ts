import type { JsonObject } from '@signalbox/kernel';
import { isSignalboxError } from '@signalbox/kernel';
import { MAX_LOCKS, type PathLock } from '@signalbox/task-core';
import { recordUpdate } from '../tasks/entries.js';
import type { AttemptEnd, AttemptScope } from './attempt-scope.js';
import type { ExecutorEnv } from './env.js';

/** Attempts of one task that may end for want of a lock without being counted: an agent could ask for ever. */
const MOST_YIELDS = 3;

/**
 * An attempt that came to nothing, and whose agent had asked for locks that others held, is not spent: the task is given back,
 * and is to have those locks as well when it is claimed next, so that it stands in line for them.
 */
export async function yieldForLocks(env: ExecutorEnv, scope: AttemptScope, end: AttemptEnd): Promise<AttemptEnd> {
  if (end.settlement.kind !== 'failure' || scope.signal.aborted) return end;
  const locks = wantedLocks(env, scope);
  if (locks.length === 0) return end;
  const attempts = await env.store.tasks.attempts(scope.task.id);
  if (attempts.filter(({ data }) => data['wantedLocks'] !== undefined).length >= MOST_YIELDS) return end;
  const data: JsonObject = { ...end.data, wantedLocks: locks.map((lock) => ({ ...lock })) };
  return { ...end, data, settlement: { kind: 'release' } };
}

function wantedLocks(env: ExecutorEnv, { task, attempt }: AttemptScope): PathLock[] {
  return env.store.ledger.read({ kind: 'task.lock_wanted', subject: `task/${task.id}` }).flatMap(({ data }) => {
    const { attempt: by, glob, mode } = data as { attempt?: string; glob: string; mode: PathLock['mode'] };
    return by === attempt.id ? [{ glob, mode }] : [];
  });
}

/** How often a task that somebody else has just changed is looked at anew. */
const MOST_TRIES = 5;

/** Adds the locks that an attempt ended for to its task, once that is given back: as many as it may have. */
export async function addWantedLocks(env: ExecutorEnv, task: string, data: JsonObject): Promise<void> {
  const wanted = data['wantedLocks'] as PathLock[] | undefined;
  let now = wanted ? await env.store.tasks.get(task) : null;
  try {
    for (let tries = 0; wanted && now && tries < MOST_TRIES; tries++) {
      const locks = bothOf(now.locks, wanted);
      // Only onto the locks that were read: somebody may be changing them.
      const outcome = await env.store.tasks.update(
        task,
        { locks },
        recordUpdate('system', { locks: locks.map((lock) => ({ ...lock })) }),
        now.version,
      );
      if (outcome.status === 'updated') return;
      now = outcome.task;
    }
  } catch (error) {
    // Somebody has claimed it meanwhile: they begin without, and may ask again.
    if (!isSignalboxError(error) || error.code !== 'WRONG_STATE') throw error;
  }
}

function bothOf(locks: readonly PathLock[], wanted: readonly PathLock[]): PathLock[] {
  const isNew = (lock: PathLock): boolean => !locks.some(({ glob, mode }) => glob === lock.glob && mode === lock.mode);
  return [...locks, ...wanted.filter(isNew)].slice(0, MAX_LOCKS);
}
