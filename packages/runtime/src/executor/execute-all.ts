import { isoTime } from '@signalbox/kernel';
import type { TaskStatus } from '@signalbox/task-core';
import type { RuntimeError } from '../errors.js';
import { createDueRetries } from './due-retries.js';
import type { ExecutorEnv } from './env.js';
import type { ExecuteRequest, Execution } from './execute-task.js';
import { tryNext, type Yard } from './next-execution.js';
import { createTurns } from './turns.js';

export interface ExecuteAllSummary {
  /** Attempts. */
  executed: number;
  /** Tasks, by how the last of these attempts left them; the rest are to be tried again. */
  done: number;
  failed: number;
  blocked: number;
  /** Why what is ready was not taken; left out where nothing is. */
  left?: string;
}

export interface ExecuteAllRequest extends Omit<ExecuteRequest, 'task'> {
  concurrency: number;
  /** Aborted: take nothing new, and finish what runs. */
  drain?: AbortSignal;
  onExecution(execution: Execution): void;
}

/**
 * Works through everything that is ready, `concurrency` tasks at a time, until nothing is. What it has to try again after a
 * pause is waited for, and so is an AI that rests for some minutes; tasks that wait for another time, a person, a quota or an AI
 * that is not there are left. Throws `NOTHING_READY` if policy refuses all that is ready, and `NO_CANDIDATE` if no AI can take
 * any of it.
 */
export async function executeAll(env: ExecutorEnv, request: ExecuteAllRequest): Promise<ExecuteAllSummary> {
  const last = new Map<string, TaskStatus>();
  let executed = 0;
  const problem = await runLanes(env, request, (execution) => {
    executed += 1;
    last.set(execution.task.id, execution.task.status);
    request.onExecution(execution);
  });
  if (executed === 0 && problem) throw problem;
  const count = (status: TaskStatus): number => [...last.values()].filter((each) => each === status).length;
  const summary = { executed, done: count('done'), failed: count('failed'), blocked: count('blocked') };
  return problem ? { ...summary, left: problem.message } : summary;
}

/** Returns why what is still ready was not taken; null where nothing is. */
async function runLanes(
  env: ExecutorEnv,
  request: ExecuteAllRequest,
  onExecution: (execution: Execution) => void,
): Promise<RuntimeError | null> {
  const failed = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, failed.signal]) : failed.signal;
  const ending = AbortSignal.any([signal, ...(request.drain ? [request.drain] : [])]);
  const retries = createDueRetries(env.store.clock);
  const yard: Yard = { turns: createTurns(), retries, ending, problem: null };
  const sayWait = (task: string, at: number): void => {
    request.progress?.({ task, step: 'waits', text: `is tried again at ${isoTime(at)}` });
  };
  const parked = new Set<() => void>();
  const wakeAll = (): void => {
    for (const wake of parked) wake();
    parked.clear();
  };
  let running = 0;

  /** Until another lane has ended something, which may set a task or an AI free, or a pause is over. */
  const park = async (): Promise<void> => {
    const stop = new AbortController();
    let wake = (): void => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
      parked.add(wake);
    });
    const due = retries.next(AbortSignal.any([ending, stop.signal]));
    // Without a pause to wait for, that is over at once.
    await Promise.race([woken, due.then((isDue) => (isDue ? undefined : woken))]);
    stop.abort();
    parked.delete(wake);
  };
  const lane = async (): Promise<void> => {
    while (!ending.aborted) {
      running += 1;
      const execution = await tryNext(env, { ...request, signal }, yard).finally(() => {
        running -= 1;
      });
      if (execution) {
        onExecution(execution);
        retries.note(execution.task);
        wakeAll();
      } else if (running > 0) {
        await park();
      } else {
        if (!(await retries.next(ending, sayWait))) break;
        wakeAll();
      }
    }
    wakeAll();
  };
  const lanes = Array.from({ length: request.concurrency }, () =>
    lane().catch((error: unknown) => {
      failed.abort({ class: 'cancelled', message: 'Another lane failed.' });
      wakeAll();
      throw error;
    }),
  );
  const ended = await Promise.allSettled(lanes);
  const broken = ended.find((result) => result.status === 'rejected');
  if (broken) throw broken.reason;
  return ending.aborted ? null : yard.problem;
}
