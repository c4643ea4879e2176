import type { Attempt, PathLock, TaskStatus } from '../task.js';
import type { NewTaskRecord, TaskRecord } from './record.js';

/** A lock that is held, or the wait of a task for one. */
export interface HeldLock extends PathLock {
  task: string;
}

export interface LockWait {
  task: string;
  /** Who holds what it waits for, or is to have it before. */
  holder: string;
  glob: string;
  /** The waiter's rank, so that those first in line are woken first. */
  rank: number;
}

/** That one task needs another. `met` once the dependent has counted it off. */
export interface Need {
  need: string;
  status: TaskStatus;
  met: boolean;
  /** That of the needed task. */
  place: number;
}

/** Telling many tasks of one event, a part at a time. */
export interface FanOut {
  /** `need`: a task has ended that others need. `lock`: one has let go of locks that others wait for. */
  kind: 'need' | 'lock';
  task: string;
  /** The last dependent that has been told; empty at the start. */
  after: string;
}

export interface Renewal {
  task: string;
  digest: string;
  /** The new time of the lease, or null to keep it. */
  ttlMs: number | null;
}

/** `cancel`: renewed, and somebody wants the task cancelled. `lost`: the digest is not that of the current lease. */
export type Renewed = 'renewed' | 'cancel' | 'lost';

/** What a wanted lock may overlap with, judged by its text alone: a superset of the true conflicts. */
export interface LockKey {
  /** The literal leading segments of the glob. */
  prefix: string;
  /** The literal characters that every match ends with. */
  suffix: string;
  /** Whether shared locks can be passed over. */
  exclusiveOnly: boolean;
}

/**
 * Where the engine keeps its records: the port behind every store in this package. All calls come from inside one
 * transaction, so they are synchronous, and what they change is there for all of them or, if the transaction fails, for
 * none. A record that `find…` returns is the caller's own; only `save…` changes what is stored.
 */
export interface Tables {
  insertTask(draft: NewTaskRecord): TaskRecord;
  findTask(id: string): TaskRecord | undefined;
  findByKey(idempotencyKey: string): TaskRecord | undefined;
  /** Saves everything but the spec and the lease. */
  saveTask(record: TaskRecord): void;
  /** Saves the spec with what hangs on it: rank and place. */
  saveSpec(record: TaskRecord): void;
  /** The ready task of the lowest rank, then of the lowest seq. */
  firstReady(): TaskRecord | undefined;
  /** Tasks whose `wakeAt` has come, the earliest first. */
  dueTasks(now: number, limit: number): TaskRecord[];
  /** Whether there may be a lease that has run out, and whether a `wakeAt` has come. */
  due(now: number): { leases: boolean; wakes: boolean };

  saveLease(record: TaskRecord): void;
  dropLease(task: string): void;
  /** Tasks whose lease has run out. */
  expiredTasks(now: number, limit: number): TaskRecord[];
  /** Moves the ends of leases, each if its digest is that of the current one. */
  renewLeases(renewals: readonly Renewal[], now: number): Renewed[];

  /** The needs of a task in the order of their creation. */
  needsOf(task: string): Need[];
  /** Every task that needs this one, counted off or not. */
  neededBy(need: string): { task: string; place: number }[];
  addNeed(task: string, need: string, met: boolean): void;
  removeNeed(task: string, need: string): void;
  /** The next of those that have not counted off `need`, in the order of their ids. */
  dependents(need: string, after: string, limit: number): string[];

  fanOuts(limit: number): FanOut[];
  saveFanOut(fanOut: FanOut): void;
  endFanOut(fanOut: FanOut): void;

  /** Every held lock that can be in the way of `key`, and perhaps some that cannot. */
  lockCandidates(key: LockKey): Iterable<HeldLock>;
  holdLock(task: string, lock: PathLock, key: LockKey): void;
  dropLocks(task: string): void;
  waitsOf(task: string): LockWait[];
  addWait(wait: LockWait): void;
  /** Whether others wait for the locks of `task`, or need it. */
  awaited(task: string): { locks: boolean; end: boolean };
  /** Forgets one wait of `task`, or without a holder all of them. */
  dropWaits(task: string, holder?: string): void;
  /** Who waits for `holder`, first in line first. */
  waitersOf(holder: string, limit: number): string[];

  insertAttempt(attempt: Attempt): void;
  saveAttempt(attempt: Attempt): void;
  /** The attempt under this fence, if the task was started. */
  attemptAt(task: string, fence: number): Attempt | undefined;
  /** Those that are under way, and those that ended at this time or later. */
  attemptsSince(time: number): Attempt[];
  /** How many attempts of this AI are under way. */
  countRunning(ai: string): number;
}
