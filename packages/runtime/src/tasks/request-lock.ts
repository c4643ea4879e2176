import type { Clock } from '@signalbox/kernel';
import type { PathLock, Task } from '@signalbox/task-core';
import { parsePathLock } from '@signalbox/task-core/spec';
import { actorName } from '../actor.js';
import { RuntimeError } from '../errors.js';
import { recordAddLock } from './entries.js';
import { type HoldEnv, mustGet } from './hold-task.js';
import { lockAsk } from './lock-ask.js';

export interface LockRequest {
  task: string;
  lock: PathLock;
  /** The attempt that asks: the one that this process was started for. */
  attempt: string;
  /** How long to wait for whoever holds it, in milliseconds. */
  waitMs: number;
  signal?: AbortSignal;
}

/** Between two looks at a lock that somebody holds. */
const LOOK_MS = 1_000;

/**
 * For an agent at work: one more lock for the task of its attempt. What it does not get is written down, so that the task can
 * wait for it. Throws `AGENT_REFUSED` for any other task, `LOCKED` with who is in the way, and `INVALID_TASK`.
 */
export async function requestLock(env: HoldEnv & { clock: Clock }, request: LockRequest): Promise<Task> {
  const lock = parsePathLock({ ...request.lock, glob: env.door.redactor.text(request.lock.glob) });
  const actor = actorName(env.actor);
  const task = await mustGet(env, request.task);
  const attempt = (await env.tasks.attempts(task.id)).at(-1);
  if (attempt?.id !== request.attempt || attempt.finishedAt !== null) throw notYours(task.id);
  const ref = { task: task.id, fence: attempt.fence };
  const ask = lockAsk(env.actor, task, lock);
  return env.door.permit(ask, async () => {
    const deadline = env.clock.monotonic() + request.waitMs;
    for (;;) {
      const outcome = await env.tasks.addLock(ref, lock, recordAddLock(actor, lock));
      if (outcome.status === 'granted') return outcome.task;
      if (outcome.status === 'lease_lost') throw notYours(task.id);
      if (env.clock.monotonic() < deadline && !request.signal?.aborted) {
        await new Promise<void>((resolve) => void env.clock.after(LOOK_MS, resolve));
        continue;
      }
      const holders = [...new Set(outcome.conflicts.map((conflict) => conflict.task))];
      const data = { ...lock, attempt: attempt.id, holders };
      env.door.record([{ kind: 'task.lock_wanted', actor, subject: `task/${task.id}`, data }]);
      throw new RuntimeError({
        code: 'LOCKED',
        message: `${lock.glob} is locked by ${holders.join(', ')}.`,
        hint: 'Do without it, or end now: the task is then tried again when that is free.',
        details: { holders },
      });
    }
  });
}

function notYours(task: string): RuntimeError {
  return new RuntimeError({
    code: 'AGENT_REFUSED',
    message: `This process was not started to work on ${task}.`,
    hint: 'Ask for locks of your own task, or give the lease that you hold with --lease.',
  });
}
