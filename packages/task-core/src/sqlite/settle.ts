import type { JsonObject } from '@signalbox/kernel';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { TaskError } from '../errors.js';
import { planAfterFailure } from '../retry.js';
import type { FenceRef, LeaseRef, Settlement, SettleOutcome } from '../store.js';
import type { AttemptOutcome, Block, Failure, Task, TaskStatus } from '../task.js';
import { heldRow } from './lease.js';
import { attemptAt, mustFindTask, toTask } from './rows.js';
import { wakeDependents, wakeIfFree, wakeLockWaiters } from './wake.js';

/** The state a settlement leads to. */
interface NextState {
  status: TaskStatus;
  outcome: AttemptOutcome;
  /** What the task remembers: the next attempt is told. */
  failure: Failure | null;
  /** What the attempt ended with. */
  attemptFailure: Failure | null;
  blockedBy: Block[];
  /** Whether the attempt that just ended counts. */
  spent: boolean;
  notBefore: number | null;
}

export function settleTask(
  db: SqlDatabase,
  ref: LeaseRef | FenceRef,
  settlement: Settlement,
  data: JsonObject,
  now: number,
): SettleOutcome {
  const held = heldRow(db, ref);
  if ('lost' in held) return held.lost;
  const task = toTask(db, held.row);
  const fence = Number(held.row['fence']);
  if (settlement.kind === 'done' && task.status !== 'running') throw notStarted(task);
  const next = nextState(task, settlement, now);
  const woken = applyState(db, task, next, now);
  closeAttempt(db, task, fence, next, data, now);
  return { status: 'settled', task: mustFindTask(db, task.id), attempt: attemptAt(db, task.id, fence), woken };
}

function notStarted(task: Task): TaskError {
  return new TaskError({
    code: 'WRONG_STATE',
    message: `${task.id} is ${task.status}: it has not been started, so it cannot be done.`,
    hint: 'Start it first with `signalbox task start`.',
  });
}

function nextState(task: Task, settlement: Settlement, now: number): NextState {
  const base = { failure: null, attemptFailure: null, blockedBy: [], spent: true, notBefore: null };
  switch (settlement.kind) {
    case 'done':
      return { ...base, status: 'done', outcome: 'succeeded' };
    case 'release':
      return {
        ...base,
        status: 'queued',
        outcome: 'released',
        spent: false,
        failure: task.failure,
        notBefore: task.notBefore === null ? null : Date.parse(task.notBefore),
      };
    case 'blocked': {
      const { blockedBy, failure } = settlement;
      return {
        ...base,
        status: 'blocked',
        outcome: 'blocked',
        spent: false,
        blockedBy,
        failure: failure ?? task.failure,
        attemptFailure: failure ?? null,
      };
    }
    case 'failure':
      return afterFailure(task, settlement.failure, now);
  }
}

/** What follows from a failed attempt, or from a claim that was given up before it started. */
export function afterFailure(task: Task, failure: Failure, now: number): NextState {
  // Being stopped from outside says nothing about the work, so what is known of the attempt before stays.
  const remembered = failure.class === 'cancelled' ? task.failure : failure;
  const base: NextState = {
    status: 'queued',
    outcome: 'failed',
    failure: remembered,
    attemptFailure: failure,
    blockedBy: [],
    spent: true,
    notBefore: null,
  };
  if (task.status === 'claimed') return { ...base, spent: false };
  const plan = planAfterFailure(failure, task, now);
  switch (plan.status) {
    case 'failed':
      return { ...base, status: 'failed' };
    case 'blocked':
      return { ...base, status: 'blocked', outcome: 'blocked', spent: false, blockedBy: plan.blockedBy };
    case 'queued':
      return { ...base, spent: plan.spent, notBefore: plan.delayMs > 0 ? now + plan.delayMs : null };
  }
}

/** Ends the lease, moves the task, lets go of its locks. Returns the tasks that this set free. */
export function applyState(db: SqlDatabase, task: Task, next: NextState, now: number): Task[] {
  const finished = next.status === 'done' || next.status === 'failed';
  const refund = !next.spent && task.status === 'running' ? 1 : 0;
  db.prepare(
    `UPDATE task SET status = ?, ready = ?, not_before = ?, attempt = attempt - ?, blocked_by = ?, failure = ?,
       finished_at = ?, lease_digest = NULL, lease_holder = NULL, lease_ttl = NULL, lease_expires = NULL,
       lease_heartbeat = NULL, executor = NULL, version = version + 1, updated_at = ?
     WHERE id = ?`,
  ).run(
    next.status,
    next.status === 'queued' && (next.notBefore === null || next.notBefore <= now) ? 1 : 0,
    next.notBefore,
    refund,
    JSON.stringify(next.blockedBy),
    next.failure ? JSON.stringify(next.failure) : null,
    finished ? now : null,
    now,
    task.id,
  );
  // A block whose reasons are all gone already (the lock freed meanwhile) must not outlive them.
  if (next.status === 'blocked') wakeIfFree(db, task.id, now);
  const woken = wakeLockWaiters(db, task.id, now);
  if (next.status === 'done') woken.push(...wakeDependents(db, task.id, now));
  return woken;
}

export function closeAttempt(
  db: SqlDatabase,
  task: Task,
  fence: number,
  next: Pick<NextState, 'outcome' | 'attemptFailure'>,
  data: JsonObject,
  now: number,
): void {
  const attempt = attemptAt(db, task.id, fence);
  if (!attempt) return;
  db.prepare('UPDATE attempt SET finished_at = ?, outcome = ?, failure = ?, data = ? WHERE id = ?').run(
    now,
    next.outcome,
    next.attemptFailure ? JSON.stringify(next.attemptFailure) : null,
    JSON.stringify({ ...attempt.data, ...data }),
    attempt.id,
  );
}
