import type { JournalEntry, JsonObject, Recorder } from '@signalbox/kernel';
import type {
  AddLockOutcome,
  CancelOutcome,
  ClaimOutcome,
  CreateOutcome,
  FanOutOutcome,
  HeartbeatOutcome,
  LandingOutcome,
  LeaseLost,
  PathLock,
  RequeueOutcome,
  SettleOutcome,
  StartOutcome,
  Task,
  UpdateOutcome,
} from '@signalbox/task-core';

type LossOf<T> = Extract<T, LeaseLost>;

/** What each outcome of the queue leaves in the ledger. Pure: one function an operation. */
function entry(kind: string, actor: string, task: string, data: JsonObject): JournalEntry {
  return { kind, actor, subject: `task/${task}`, data };
}

const json = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

function lost(actor: string, outcome: LeaseLost): JournalEntry[] {
  return [
    entry('task.fenced', actor, outcome.task.id, {
      status: outcome.task.status,
      fence: outcome.task.lease?.fence ?? null,
    }),
  ];
}

/** For heartbeats, of which only a loss is recorded. */
export function recordLost(actor: string): Recorder<LossOf<HeartbeatOutcome>> {
  return (outcome) => lost(actor, outcome);
}

/** What somebody asked for, as it is stored. */
const ASKED = [
  ...(['title', 'description', 'type', 'run', 'priority', 'needs', 'locks', 'labels', 'capabilities', 'ai'] as const),
  ...(['checks', 'maxAttempts', 'onNeedFailure'] as const),
];

export function recordCreate(actor: string): Recorder<CreateOutcome> {
  return ({ task }) => {
    const asked = Object.fromEntries(ASKED.map((field) => [field, task[field]]));
    return [entry('task.created', actor, task.id, json({ ...asked, status: task.status }))];
  };
}

export function recordClaim(actor: string): Recorder<ClaimOutcome> {
  return (outcome) => [
    ...recordReaped(outcome.expired),
    ...outcome.parked.map((task) => entry('task.blocked', actor, task.id, json({ blockedBy: task.blockedBy }))),
    ...(outcome.status === 'claimed'
      ? [
          entry('task.claimed', actor, outcome.task.id, {
            holder: outcome.lease.holder,
            fence: outcome.lease.fence,
            expiresAt: outcome.lease.expiresAt,
            locks: json(outcome.task.locks),
          }),
        ]
      : []),
  ];
}

function recordReaped(tasks: readonly Task[]): JournalEntry[] {
  return tasks.map((task) =>
    entry('task.expired', 'system', task.id, json({ status: task.status, failure: task.failure })),
  );
}

export function recordStart(actor: string): Recorder<StartOutcome> {
  return (outcome) => {
    if (outcome.status === 'lease_lost') return lost(actor, outcome);
    if (outcome.status === 'busy' || outcome.status === 'refused') return [];
    const { id, number, fence, ai } = outcome.attempt;
    return [entry('task.started', actor, outcome.task.id, { attempt: id, number, fence, ai })];
  };
}

export function recordIntent(actor: string): Recorder<LandingOutcome> {
  return (outcome) => {
    if (outcome.status === 'lease_lost') return lost(actor, outcome);
    const { id, fence, landing } = outcome.attempt;
    return [entry('landing.intended', actor, outcome.task.id, json({ attempt: id, fence, ...landing }))];
  };
}

/** `extra` goes before the settlement: what was landed, say. */
export function recordSettle(
  actor: string,
  data: JsonObject = {},
  extra: readonly JournalEntry[] = [],
): Recorder<SettleOutcome> {
  return (outcome) => {
    if (outcome.status === 'lease_lost') return lost(actor, outcome);
    const { task, attempt, woken, failed } = outcome;
    const kinds = {
      done: 'task.completed',
      failed: 'task.failed',
      blocked: 'task.blocked',
      cancelled: 'task.cancelled',
    } as const;
    const kind = task.status in kinds ? kinds[task.status as keyof typeof kinds] : 'task.requeued';
    const facts = {
      attempt: attempt?.id ?? null,
      fence: attempt?.fence ?? null,
      outcome: attempt?.outcome ?? null,
      ...(attempt?.failure ? { failure: attempt.failure } : {}),
      ...(task.status === 'blocked' ? { blockedBy: task.blockedBy } : {}),
      ...(task.notBefore ? { notBefore: task.notBefore } : {}),
      ...data,
    };
    return [...extra, entry(kind, actor, task.id, json(facts)), ...recordWoken(woken), ...recordFailed(failed)];
  };
}

export function recordRequeue(actor: string): Recorder<RequeueOutcome> {
  return ({ task, woken }) => [
    entry('task.requeued', actor, task.id, json({ status: task.status, by: 'operator' })),
    ...recordWoken(woken),
  ];
}

export function recordUpdate(actor: string, patch: JsonObject): Recorder<UpdateOutcome> {
  return (outcome) =>
    outcome.status === 'stale'
      ? []
      : [
          entry('task.updated', actor, outcome.task.id, json({ ...patch, status: outcome.task.status })),
          ...recordWoken(outcome.woken),
          ...recordFailed(outcome.failed),
        ];
}

export function recordCancel(actor: string, reason: string | null): Recorder<CancelOutcome> {
  return ({ status, task, woken, failed }) => [
    entry(status === 'requested' ? 'task.cancel_requested' : 'task.cancelled', actor, task.id, { reason }),
    ...recordWoken(woken),
    ...recordFailed(failed),
  ];
}

export function recordAddLock(actor: string, lock: PathLock): Recorder<AddLockOutcome> {
  return (outcome) => {
    if (outcome.status === 'lease_lost') return lost(actor, outcome);
    if (outcome.status === 'locked') return [];
    return [entry('task.lock_added', actor, outcome.task.id, { glob: lock.glob, mode: lock.mode })];
  };
}

/** For those whom a task's end is told in a later transaction than the one that ended it. */
export function recordFanOut({ woken, failed }: FanOutOutcome): JournalEntry[] {
  return [...recordWoken(woken), ...recordFailed(failed)];
}

function recordWoken(woken: readonly Task[]): JournalEntry[] {
  return woken.map((task) => entry('task.unblocked', 'system', task.id, {}));
}

function recordFailed(failed: readonly Task[]): JournalEntry[] {
  return failed.map((task) => entry('task.failed', 'system', task.id, json({ failure: task.failure })));
}
