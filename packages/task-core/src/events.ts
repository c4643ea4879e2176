import type {
  AddLockOutcome,
  CancelOutcome,
  ClaimManyOutcome,
  ClaimOutcome,
  CreateOutcome,
  FanOutOutcome,
  Granted,
  LeaseLost,
  RequeueOutcome,
  SettleOutcome,
  StartOutcome,
  UpdateOutcome,
} from './store.js';
import type { Attempt, Task } from './task.js';

/** Something that happened to a task. `task` is the task as it was right after. */
export type TaskEvent =
  | { type: 'task.created' | 'task.updated' | 'task.claimed' | 'task.lock_added'; task: Task }
  | { type: 'task.started' | 'task.completed'; task: Task; attempt: Attempt | null }
  /** Back in the queue: given back, to be retried, or by an operator. */
  | { type: 'task.requeued'; task: Task; attempt: Attempt | null }
  | { type: 'task.blocked' | 'task.failed' | 'task.cancelled'; task: Task; attempt: Attempt | null }
  /** Nothing keeps it from running any more. */
  | { type: 'task.unblocked'; task: Task }
  | { type: 'task.cancel_requested'; task: Task }
  /** Its lease ran out. */
  | { type: 'task.expired'; task: Task }
  /** Somebody wrote with a lease that is not the current one. */
  | { type: 'task.fenced'; task: Task };

export type TaskEventType = TaskEvent['type'];

const fenced = ({ task }: LeaseLost): TaskEvent[] => [{ type: 'task.fenced', task }];
const unblocked = (tasks: readonly Task[]): TaskEvent[] => tasks.map((task) => ({ type: 'task.unblocked', task }));
const failed = (tasks: readonly Task[]): TaskEvent[] =>
  tasks.map((task) => ({ type: 'task.failed', task, attempt: null }));

/** What the outcomes of the queue's operations mean as events: pure, one function an operation. */
export const eventsOf = {
  create: ({ created, task }: CreateOutcome): TaskEvent[] => (created ? [{ type: 'task.created', task }] : []),
  update: (outcome: UpdateOutcome): TaskEvent[] =>
    outcome.status === 'stale'
      ? []
      : [{ type: 'task.updated', task: outcome.task }, ...unblocked(outcome.woken), ...failed(outcome.failed)],
  claim: (outcome: ClaimOutcome): TaskEvent[] => [
    ...besides(outcome),
    ...(outcome.status === 'claimed' ? granted(outcome) : []),
  ],
  claimMany: (outcome: ClaimManyOutcome): TaskEvent[] => [...besides(outcome), ...outcome.claimed.flatMap(granted)],
  start: (outcome: StartOutcome): TaskEvent[] => {
    if (outcome.status === 'lease_lost') return fenced(outcome);
    if (outcome.status !== 'started') return [];
    return [{ type: 'task.started', task: outcome.task, attempt: outcome.attempt }];
  },
  addLock: (outcome: AddLockOutcome): TaskEvent[] => {
    if (outcome.status === 'lease_lost') return fenced(outcome);
    return outcome.status === 'granted' ? [{ type: 'task.lock_added', task: outcome.task }] : [];
  },
  settle: (outcome: SettleOutcome): TaskEvent[] => {
    if (outcome.status === 'lease_lost') return fenced(outcome);
    const { task, attempt } = outcome;
    return [{ type: settledAs(task), task, attempt }, ...unblocked(outcome.woken), ...failed(outcome.failed)];
  },
  cancel: (outcome: CancelOutcome): TaskEvent[] => {
    const { status, changed, task } = outcome;
    if (!changed) return [];
    if (status === 'requested') return [{ type: 'task.cancel_requested', task }];
    return [{ type: 'task.cancelled', task, attempt: null }, ...unblocked(outcome.woken), ...failed(outcome.failed)];
  },
  requeue: ({ changed, task, woken }: RequeueOutcome): TaskEvent[] =>
    changed ? [{ type: 'task.requeued', task, attempt: null }, ...unblocked(woken)] : [],
  unblock: ({ woken }: RequeueOutcome): TaskEvent[] => unblocked(woken),
  reap: (expired: readonly Task[]): TaskEvent[] => expired.map((task) => ({ type: 'task.expired', task })),
  fanOut: (outcome: FanOutOutcome): TaskEvent[] => [...unblocked(outcome.woken), ...failed(outcome.failed)],
  lost: fenced,
} as const;

function granted({ task, attempt }: Granted): TaskEvent[] {
  return [{ type: 'task.claimed', task }, ...(attempt ? [{ type: 'task.started', task, attempt } as const] : [])];
}

function besides({ expired, parked }: { expired: readonly Task[]; parked: readonly Task[] }): TaskEvent[] {
  return [
    ...eventsOf.reap(expired),
    ...parked.map((task): TaskEvent => ({ type: 'task.blocked', task, attempt: null })),
  ];
}

function settledAs(task: Task): 'task.completed' | 'task.failed' | 'task.blocked' | 'task.cancelled' | 'task.requeued' {
  switch (task.status) {
    case 'done':
      return 'task.completed';
    case 'failed':
      return 'task.failed';
    case 'blocked':
      return 'task.blocked';
    case 'cancelled':
      return 'task.cancelled';
    default:
      return 'task.requeued';
  }
}
