import type { JsonObject, Recorder } from '@signalbox/kernel';
import type { TaskEvent } from './events.js';
import type {
  Attempt,
  AttemptOutcome,
  Block,
  Executor,
  Failure,
  LandingIntent,
  Lease,
  PathLock,
  Task,
  TaskSpec,
  TaskStatus,
} from './task.js';

/** Names a held task by the secret that `claim` returned. */
export interface LeaseRef {
  task: string;
  lease: string;
}

/**
 * Names a held task by its current fence: for whoever cleans up after a dead holder. It is as strict as a lease, since a
 * fence that has moved on has no effect, but it is not a secret.
 */
export interface FenceRef {
  task: string;
  fence: number;
}

export interface ClaimRequest {
  /** The task to take; without it the first of the ready ones. */
  task?: string;
  holder: string;
  /** How long the lease lasts without a heartbeat, in whole milliseconds: three heartbeats or more, at most 365 days. */
  ttlMs: number;
  /** Refuse with `stale` unless the task still has this version: a decision was made about that one. */
  expectedVersion?: number;
  /** Also take a task whose `notBefore` lies ahead: somebody asked for exactly this one. */
  ignoreNotBefore?: boolean;
  /** Park a task that loses to a lock as `blocked`, to be woken by the release. Always so when `task` is not given. */
  park?: boolean;
  executor?: Executor;
  /** Start at once, in the same transaction: for a holder that has nothing to prepare. The attempt gets an id of its own. */
  start?: Omit<AttemptDraft, 'id' | 'maxConcurrent' | 'admission'>;
}

/** What is known of an attempt when it starts. */
export interface AttemptDraft {
  id: string;
  /** The AI that does it, or null for a holder that is none. */
  ai: string | null;
  /** How many attempts this AI may run at once; without it any number. */
  maxConcurrent?: number;
  /**
   * Looked at in the transaction: what other attempts have used, or reserved, may leave no room for this one. `refuses` gets
   * all attempts that are under way or ended since then (ISO 8601), and returns why this one may not start, or null. It must
   * neither wait nor call the store.
   */
  admission?: { since: string; refuses(attempts: readonly Attempt[]): string | null };
  data: JsonObject;
}

/** A lock that is in the way, and who holds it. */
export interface LockConflict {
  task: string;
  glob: string;
  wanted: string;
}

/** A task that has just been claimed, with what proves it. */
export interface Granted {
  task: Task;
  lease: Lease;
  /** The attempt, if the claim was to start it. */
  attempt?: Attempt;
}

export type ClaimOutcome = { expired: Task[]; parked: Task[] } & (
  | ({ status: 'claimed' } & Granted)
  | { status: 'empty' }
  | { status: 'not_found'; id: string }
  | { status: 'stale' | 'taken' | 'blocked' | 'finished' | 'delayed'; task: Task }
  | { status: 'locked'; task: Task; conflicts: LockConflict[] }
);

/** The holder is no longer the holder: nothing was changed. */
export interface LeaseLost {
  status: 'lease_lost';
  task: Task;
}

export type Settlement =
  | { kind: 'done' }
  /** With `retryAt`, in epoch milliseconds, the attempt is not spent, and the task can be claimed again from then on. */
  | { kind: 'failure'; failure: Failure; retryAt?: number }
  | { kind: 'blocked'; blockedBy: Block[]; failure?: Failure }
  | { kind: 'release' } // given back, without an attempt spent
  /** The holder stopped because somebody wants the task cancelled. */
  | { kind: 'cancelled' };

/** `woken` and `failed` are tasks that waited for this one: at most some hundred, the rest is told to `recordFanOut`. */
export type SettleOutcome =
  | LeaseLost
  | { status: 'settled'; task: Task; attempt: Attempt | null; woken: Task[]; failed: Task[] };
export type StartOutcome =
  | LeaseLost
  | { status: 'started'; task: Task; attempt: Attempt }
  | { status: 'busy'; task: Task; running: number }
  | { status: 'refused'; task: Task; reason: string };
/** `cancelRequested` asks the holder to stop the attempt and to settle it. */
export type HeartbeatOutcome = LeaseLost | { status: 'renewed'; cancelRequested: boolean };
export type LandingOutcome = LeaseLost | { status: 'recorded'; task: Task; attempt: Attempt };
export type CreateOutcome = { created: boolean; task: Task };
export type AddLockOutcome =
  | LeaseLost
  | { status: 'granted'; task: Task }
  | { status: 'locked'; task: Task; conflicts: LockConflict[] };
/** `failed`: the task itself, if one of its needs has ended so that it is to fail too, and who needs it. */
export type UpdateOutcome =
  | { status: 'updated'; task: Task; woken: Task[]; failed: Task[] }
  | { status: 'stale'; task: Task };
/** `requested`: it runs, and its holder is told with the next heartbeat. */
export interface CancelOutcome {
  status: 'cancelled' | 'requested';
  changed: boolean;
  task: Task;
  woken: Task[];
  failed: Task[];
}
export interface ClaimManyOutcome {
  claimed: Granted[];
  expired: Task[];
  parked: Task[];
}
/** A part of those who waited for the end of `task` (`need`), for its locks (`lock`), or for a time (then `task` is null). */
export interface FanOutOutcome {
  kind: 'need' | 'lock' | 'time';
  task: string | null;
  woken: Task[];
  /** Those that fail with it, by their `onNeedFailure`. */
  failed: Task[];
}
export type RequeueOutcome = { changed: boolean; task: Task; woken: Task[] };

/** What to change of a task: a field that is there replaces the old value. */
export type TaskPatch = Partial<Omit<TaskSpec, 'needs' | 'idempotencyKey' | 'type' | 'run'>> & {
  addNeeds?: readonly string[];
  removeNeeds?: readonly string[];
};

export interface EndedFilter {
  /** ISO 8601: ended at this time or later, and before that one. */
  since?: string;
  until?: string;
  limit?: number;
  /** Where the page before ended: its `next`. */
  cursor?: string;
}

/** One of many tasks to be added. With an `id` (of the form `tsk_…`, not in use) others of the same batch can need it. */
export interface TaskDraft {
  spec: TaskSpec;
  id?: string;
  /** For a task that has ended elsewhere: it is added as ended, and whoever needs it is not held up. */
  ended?: 'done' | 'failed' | 'cancelled';
}

export interface TaskFilter {
  status?: readonly TaskStatus[];
  labels?: Record<string, string>;
  ai?: string;
  /** Only tasks that a claim could take now. */
  ready?: boolean;
  /** At most this many (1 to 1,000). Default 50. */
  limit?: number;
  sort?: 'priority' | 'created' | 'updated';
  /** Where the page before ended: its `next`, under the same sort. `list` throws `INVALID_CURSOR` for anything else. */
  cursor?: string;
}

export interface TaskPage {
  tasks: Task[];
  next: string | null;
}

export interface SettleItem {
  ref: LeaseRef | FenceRef;
  settlement: Settlement;
  data?: JsonObject;
}

/** A held task with the process that executes it, for finding the dead. */
export interface HeldTask {
  task: Task;
  attempt: Attempt | null;
  executor: Executor | null;
}

/**
 * The queue. Every mutating operation is one transaction that also commits what `record` returns for its outcome, so a
 * change and its record are both there or neither.
 *
 * Operations that name a {@link LeaseRef} change nothing and return `lease_lost` when the lease is not the task's current
 * one; that outcome is recorded too.
 */
export interface TaskStore {
  /**
   * Adds a task. With an idempotency key that was used before: returns the earlier task, records nothing; throws
   * `IDEMPOTENCY_MISMATCH` if its content was another. Throws `UNKNOWN_NEED` for a need that does not exist.
   */
  create(spec: TaskSpec, createdBy: string, record: Recorder<CreateOutcome>): Promise<CreateOutcome>;
  /**
   * Adds many tasks, all or none, in an order in which every need comes before its dependents. Throws what `create` throws,
   * `DEPENDENCY_CYCLE` if the batch has a cycle, and `ID_TAKEN`.
   */
  enqueueMany(
    drafts: readonly TaskDraft[],
    createdBy: string,
    record: Recorder<CreateOutcome[]>,
  ): Promise<CreateOutcome[]>;
  /**
   * Changes a task. What work in progress rests on cannot be changed while it is held: `WRONG_STATE`. Throws `UNKNOWN_NEED`,
   * and `DEPENDENCY_CYCLE` with the cycle in its details.
   */
  update(
    id: string,
    patch: TaskPatch,
    record: Recorder<UpdateOutcome>,
    expectedVersion?: number,
  ): Promise<UpdateOutcome>;
  get(id: string): Promise<Task | null>;
  /** The full id for any unique prefix of one, with or without `tsk_`; an empty one names nothing. Throws `NOT_FOUND` or `AMBIGUOUS_ID`. */
  resolve(prefix: string): Promise<string>;
  list(filter?: TaskFilter): Promise<TaskPage>;
  counts(): Promise<Record<TaskStatus, number>>;
  /**
   * Takes a task with all its path locks, or nothing. Reaps expired leases first. Throws `INVALID_TTL` for less than 1 s or more
   * than 365 days.
   */
  claim(request: ClaimRequest, record: Recorder<ClaimOutcome>): Promise<ClaimOutcome>;
  /** Takes up to `count` tasks (1 to 1,000) as `claim` without a name does, in one transaction unless very many lose to locks. */
  claimMany(
    request: Omit<ClaimRequest, 'task' | 'expectedVersion' | 'ignoreNotBefore' | 'park'>,
    count: number,
    record: Recorder<ClaimManyOutcome>,
  ): Promise<ClaimManyOutcome>;
  /**
   * Moves `claimed` to `running` and opens an attempt, unless its AI runs as many as it may (`busy`) or its admission refuses it
   * (`refused`): then nothing changes. Looked at in the transaction, so that limits hold across processes. Throws `WRONG_STATE` if the task runs already.
   */
  start(ref: LeaseRef, attempt: AttemptDraft, record: Recorder<StartOutcome>): Promise<StartOutcome>;
  /**
   * Renews the lease for its TTL (or a new one). A renewal is not recorded; a loss is. Renewals that are asked for at the
   * same time are one write. Throws `INVALID_TTL` as `claim`.
   */
  heartbeat(ref: LeaseRef, record: Recorder<LeaseLost>, ttlMs?: number): Promise<HeartbeatOutcome>;
  /** Takes one more path lock for a held task, all or nothing as at the claim. Throws `INVALID_TASK` beyond `MAX_LOCKS`. */
  addLock(ref: LeaseRef | FenceRef, lock: PathLock, record: Recorder<AddLockOutcome>): Promise<AddLockOutcome>;
  /** Writes down that a branch is about to be moved, before it is moved. */
  intendLanding(ref: LeaseRef, intent: LandingIntent, record: Recorder<LandingOutcome>): Promise<LandingOutcome>;
  /** Ends the lease: done, failed, blocked or given back. Releases the locks, wakes who waited. */
  settle(
    ref: LeaseRef | FenceRef,
    settlement: Settlement,
    data: JsonObject,
    record: Recorder<SettleOutcome>,
  ): Promise<SettleOutcome>;
  /** Settles many tasks in one transaction. One whose lease is lost does not stop the others. */
  settleMany(items: readonly SettleItem[], record: Recorder<SettleOutcome[]>): Promise<SettleOutcome[]>;
  /**
   * Cancels a task: at once if it does not run or with `force`, otherwise when its holder has stopped. Throws `WRONG_STATE`
   * for one that is done or failed.
   */
  cancel(id: string, record: Recorder<CancelOutcome>, options?: { force?: boolean }): Promise<CancelOutcome>;
  /** Starts a failed task afresh. Throws `WRONG_STATE` for any other. */
  retry(id: string, record: Recorder<RequeueOutcome>): Promise<RequeueOutcome>;
  /** Drops the reasons for a block that `which` picks: an approval was given, say. Others remain. */
  unblock(id: string, which: (block: Block) => boolean, record: Recorder<RequeueOutcome>): Promise<RequeueOutcome>;
  /**
   * For an operator: breaks a lease, clears a wait for a person, or starts a failed task afresh. A queued task is left as it
   * is. Throws `NOT_REQUEUABLE` for one that is done or cancelled.
   */
  requeue(id: string, record: Recorder<RequeueOutcome>): Promise<RequeueOutcome>;
  /** Ends leases past their time; a task whose attempt had started has spent it. Returns the tasks. */
  reap(record: Recorder<Task[]>): Promise<Task[]>;
  /** The ids of the tasks that need this one, in the order of their ids. */
  dependents(id: string): Promise<string[]>;
  held(): Promise<HeldTask[]>;
  attempts(task: string): Promise<Attempt[]>;
  /** The newest `limit` attempts of an AI, over all tasks, the newest first. */
  attemptsOf(ai: string, limit: number): Promise<Attempt[]>;
  /** Attempts that ended in a time, in the order of their ends: pages of at most `limit` (1 to 10,000, default 1,000). */
  endedAttempts(filter?: EndedFilter): Promise<{ attempts: Attempt[]; next: string | null }>;
  /** Calls `listener` after each commit of this process with what happened. Returns what ends that. */
  subscribe(listener: (event: TaskEvent) => void): () => void;
}

export type { AttemptOutcome };
