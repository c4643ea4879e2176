import type {
  Failure,
  LeaseLost,
  LeaseRef,
  PathLock,
  Settlement,
  SettleOutcome,
  Task,
  TaskStore,
} from '@signalbox/task-core';
import { parsePathLock } from '@signalbox/task-core/spec';
import { type Actor, actorName } from '../actor.js';
import type { Door } from '../door/door.js';
import { RuntimeError } from '../errors.js';
import { taskAsk } from '../executor/claim-task.js';
import { recordAddLock, recordLost, recordRequeue, recordSettle, recordStart } from './entries.js';
import { lockAsk } from './lock-ask.js';

/** What a holder outside the executor does with a task that it claimed by hand. */
export interface HoldEnv {
  tasks: TaskStore;
  door: Door;
  actor: Actor;
}

export async function startByHand(env: HoldEnv, ref: LeaseRef, attempt: string): Promise<Task> {
  const actor = actorName(env.actor);
  const ai = env.actor.kind === 'ai' ? env.actor.id : null;
  const outcome = await env.door.pass(taskAsk(env.actor, 'task.start', await mustGet(env, ref.task)), (withDecision) =>
    env.tasks.start(ref, { id: attempt, ai, data: {} }, (started) => withDecision(recordStart(actor)(started))),
  );
  return held(outcome).task;
}

/** A renewal changes nothing that anybody decides about, so it passes no door and leaves no entry. */
export async function renewByHand(env: HoldEnv, ref: LeaseRef): Promise<Task> {
  held(await env.tasks.heartbeat(ref, recordLost(actorName(env.actor))));
  return mustGet(env, ref.task);
}

export async function settleByHand(
  env: HoldEnv,
  ref: LeaseRef,
  action: 'task.release' | 'task.complete' | 'task.fail',
  settlement: Settlement,
): Promise<Task> {
  const record = recordSettle(actorName(env.actor));
  const outcome = await env.door.pass(taskAsk(env.actor, action, await mustGet(env, ref.task)), (withDecision) =>
    env.tasks.settle(ref, settlement, {}, (settled: SettleOutcome) => withDecision(record(settled))),
  );
  return held(outcome).task;
}

/** Takes one more lock for a held task. Throws `INVALID_TASK` for a pattern that is none, `LOCKED` with who is in the way. */
export async function addLockByHand(env: HoldEnv, ref: LeaseRef, wanted: PathLock): Promise<Task> {
  const lock = parsePathLock({ ...wanted, glob: env.door.redactor.text(wanted.glob) });
  const actor = actorName(env.actor);
  const task = await mustGet(env, ref.task);
  const ask = lockAsk(env.actor, task, lock);
  const outcome = await env.door.pass(ask, (withDecision) =>
    env.tasks.addLock(ref, lock, (added) => withDecision(recordAddLock(actor, lock)(added))),
  );
  if (outcome.status !== 'locked') return held(outcome).task;
  const holders = [...new Set(outcome.conflicts.map((conflict) => conflict.task))];
  throw new RuntimeError({
    code: 'LOCKED',
    message: `${lock.glob} is locked by ${holders.join(', ')}.`,
    hint: 'Work on something else until it is free, or release the task and let it wait.',
    details: { conflicts: outcome.conflicts.map((conflict) => ({ ...conflict })) },
  });
}

export async function failByHand(env: HoldEnv, ref: LeaseRef, failure: Failure): Promise<Task> {
  const clean = { ...failure, message: env.door.redactor.text(failure.message) };
  return settleByHand(env, ref, 'task.fail', { kind: 'failure', failure: clean });
}

export async function requeueByHand(env: HoldEnv, id: string): Promise<Task> {
  env.door.refuseAgents(env.actor, 'break a lease or clear a wait for a person');
  const actor = actorName(env.actor);
  const { task } = await env.door.pass(taskAsk(env.actor, 'task.requeue', await mustGet(env, id)), (withDecision) =>
    env.tasks.requeue(id, (outcome) => withDecision(recordRequeue(actor)(outcome))),
  );
  return task;
}

export async function mustGet(env: Pick<HoldEnv, 'tasks'>, id: string): Promise<Task> {
  const task = await env.tasks.get(id);
  if (task) return task;
  throw new RuntimeError({
    code: 'NOT_FOUND',
    message: `There is no task ${id}.`,
    hint: 'List the tasks with `signalbox task list`.',
  });
}

function held<T extends { status: string }>(outcome: T | LeaseLost): Exclude<T, LeaseLost> {
  if (outcome.status !== 'lease_lost') return outcome as Exclude<T, LeaseLost>;
  const { task } = outcome as LeaseLost;
  throw new RuntimeError({
    code: 'LEASE_LOST',
    message: `That lease on ${task.id} is not valid any more; the task is ${task.status}.`,
    hint: 'Stop working on it. Claim it again if it is queued.',
    details: { status: task.status, holder: task.lease?.holder ?? null },
  });
}
