import { isoTime } from '@signalbox/kernel';
import { RuntimeError } from '../errors.js';
import { createDueRetries } from './due-retries.js';
import type { ExecutorEnv } from './env.js';
import { type ExecuteRequest, type Execution, executeTask } from './execute-task.js';
import { createTurns, type Turns } from './turns.js';

export interface ExecuteAllSummary {
  executed: number;
  done: number;
  failed: number;
  blocked: number;
}

export interface ExecuteAllRequest extends Omit<ExecuteRequest, 'task'> {
  concurrency: number;
  /** Aborted: take nothing new, and finish what runs. */
  drain?: AbortSignal;
  onExecution(execution: Execution): void;
}

/** What the lanes share. */
interface Yard {
  /** From the search for a task to the start of an attempt, one lane at a time: two must not see the same place free. */
  turns: Turns;
  /** That policy refuses all that is ready. */
  refused: RuntimeError | null;
}

/**
 * Works through everything that is ready, `concurrency` tasks at a time, until nothing is. What it has to try again after a
 * pause is waited for; tasks that wait for another time, a person, a quota or an AI that is not there are left. Throws `NOTHING_READY` if policy refuses all that is ready.
 */
export async function executeAll(env: ExecutorEnv, request: ExecuteAllRequest): Promise<ExecuteAllSummary> {
  const summary: ExecuteAllSummary = { executed: 0, done: 0, failed: 0, blocked: 0 };
  const yard: Yard = { turns: createTurns(), refused: null };
  const failed = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, failed.signal]) : failed.signal;
  const ending = AbortSignal.any([signal, ...(request.drain ? [request.drain] : [])]);
  const retries = createDueRetries(env.store.clock);
  const waiting: (() => void)[] = [];
  const wakeAll = (): void => {
    for (const wake of waiting.splice(0)) wake();
  };
  const sayWait = (task: string, at: number): void => {
    request.progress?.({ task, step: 'waits', text: `is tried again at ${isoTime(at)}` });
  };
  let running = 0;

  const lane = async (): Promise<void> => {
    while (!ending.aborted) {
      running += 1;
      const execution = await tryNext(env, { ...request, signal }, yard);
      running -= 1;
      if (execution) {
        count(summary, execution);
        retries.note(execution.task);
        request.onExecution(execution);
        wakeAll();
      } else if (running === 0) {
        wakeAll();
        if (!(await retries.next(ending, sayWait))) return;
      } else {
        // What still runs may set a task free when it ends, or the AI that one waits for. Looking before then would only spin.
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    }
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
  if (summary.executed === 0 && yard.refused) throw yard.refused;
  return summary;
}

/** One execution, or null when there is nothing to take now. */
async function tryNext(env: ExecutorEnv, request: ExecuteAllRequest, yard: Yard): Promise<Execution | null> {
  const passOver = new Set<string>();
  for (;;) {
    const done = await yard.turns.take();
    const progress: ExecuteRequest['progress'] = (each) => {
      if (each.step === 'routed') done();
      request.progress?.(each);
    };
    try {
      if (request.signal?.aborted || request.drain?.aborted) return null;
      return await executeTask(env, { ...request, passOver, progress });
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      if (error.code === 'NOTHING_READY') {
        if (error.details?.['refused'] !== 0) yard.refused = error;
        return null;
      }
      const { task, passedOver } = error.details ?? {};
      if (error.code !== 'NO_CANDIDATE' || typeof task !== 'string') throw error;
      if (passedOver !== undefined) return null;
      // Another process took the place between the claim and the start.
      passOver.add(task);
    } finally {
      done();
    }
  }
}

function count(summary: ExecuteAllSummary, { task }: Execution): void {
  summary.executed += 1;
  if (task.status === 'done') summary.done += 1;
  if (task.status === 'failed') summary.failed += 1;
  if (task.status === 'blocked') summary.blocked += 1;
}
