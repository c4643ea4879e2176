import { messageOf } from '@signalbox/kernel';
import { TaskError } from '../errors.js';
import type { LockConflict } from '../store.js';
import { MAX_LOCKS, type PathLock, type Task } from '../task.js';
import { knownGlob, locksConflict } from './known-glob.js';
import { put } from './put.js';
import type { TaskRecord } from './record.js';
import type { LockKey, Tables } from './tables.js';
import { toTask } from './view.js';

/** How many locks in the way are named: enough to act on, and a claim against 100,000 of them stays quick. */
const MAX_CONFLICTS = 64;

function lockKey(lock: PathLock): LockKey {
  const { literalPrefix, literalSuffix } = knownGlob(lock.glob);
  return { prefix: literalPrefix, suffix: literalSuffix, exclusiveOnly: lock.mode === 'shared' };
}

/** The held locks of other tasks that overlap one of `wanted` while at least one of the two is exclusive. */
export function findConflicts(tables: Tables, task: string, wanted: readonly PathLock[]): LockConflict[] {
  const conflicts = new Map<string, LockConflict>();
  for (const want of wanted) {
    for (const held of tables.lockCandidates(lockKey(want))) {
      if (held.task === task || !locksConflict(held, want)) continue;
      conflicts.set(`${held.task} ${held.glob} ${want.glob}`, { task: held.task, glob: held.glob, wanted: want.glob });
      if (conflicts.size >= MAX_CONFLICTS) return inOrder(conflicts);
    }
  }
  return inOrder(conflicts);
}

/** By their keys, so that every store answers the same. */
function inOrder(conflicts: ReadonlyMap<string, LockConflict>): LockConflict[] {
  return [...conflicts.keys()].sort().map((key) => conflicts.get(key) as LockConflict);
}

/** Throws `INVALID_TASK` for more locks than a task may have, and for one whose pattern cannot be read: it would stop every claim that comes to its task. */
export function assertLocks(locks: readonly PathLock[]): void {
  if (locks.length > MAX_LOCKS) {
    throw new TaskError({
      code: 'INVALID_TASK',
      message: `A task has at most ${MAX_LOCKS} locks, and this would make ${locks.length}.`,
      hint: 'Take one lock with a wider pattern in their place.',
    });
  }
  for (const { glob } of locks) {
    try {
      knownGlob(glob);
    } catch (error) {
      throw new TaskError({
        code: 'INVALID_TASK',
        message: `The lock cannot be taken: ${messageOf(error)}`,
        hint: 'A pattern is a path relative to the repository root with *, **, ?, [a-z] and {a,b}.',
        cause: error,
      });
    }
  }
}

export function takeLocks(tables: Tables, task: string, locks: readonly PathLock[]): void {
  for (const lock of locks) tables.holdLock(task, lock, lockKey(lock));
}

/** Keeps a task out of the ready ones until the holders in its way let go. */
export function parkOnLocks(tables: Tables, record: TaskRecord, conflicts: readonly LockConflict[], now: number): Task {
  for (const { task: holder, glob } of conflicts) {
    tables.addWait({ task: record.id, holder, glob, rank: record.rank });
  }
  record.status = 'blocked';
  put(tables, record, now);
  return toTask(tables, record);
}
