import { RuntimeError } from '../errors.js';
import type { ExecutorEnv } from './env.js';
import { type ExecuteRequest, type Execution, executeTask } from './execute-task.js';

export interface ExecuteAllSummary {
  executed: number;
  done: number;
  failed: number;
  blocked: number;
}

/**
 * Works through everything that is ready, retries included, `concurrency` tasks at a time, until nothing is. Tasks that wait
 * for a time, a person or an AI that is not there are left.
 */
export async function executeAll(
  env: ExecutorEnv,
  request: Omit<ExecuteRequest, 'task'> & { concurrency: number; onExecution(execution: Execution): void },
): Promise<ExecuteAllSummary> {
  const summary: ExecuteAllSummary = { executed: 0, done: 0, failed: 0, blocked: 0 };
  const unroutable = new Set<string>();
  const failed = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, failed.signal]) : failed.signal;
  const waiting: (() => void)[] = [];
  let running = 0;

  const lane = async (): Promise<void> => {
    while (!signal.aborted) {
      running += 1;
      const execution = await tryNext(env, { ...request, signal }, unroutable).finally(() => {
        running -= 1;
        for (const wake of waiting.splice(0)) wake();
      });
      if (execution) {
        count(summary, execution);
        request.onExecution(execution);
      } else if (running === 0) {
        return;
      } else {
        // Something still runs: what it finishes may set a task free.
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    }
  };
  const lanes = Array.from({ length: request.concurrency }, () =>
    lane().catch((error: unknown) => {
      failed.abort({ class: 'cancelled', message: 'Another lane failed.' });
      throw error;
    }),
  );
  const ended = await Promise.allSettled(lanes);
  const broken = ended.find((result) => result.status === 'rejected');
  if (broken) throw broken.reason;
  return summary;
}

async function tryNext(env: ExecutorEnv, request: ExecuteRequest, unroutable: Set<string>): Promise<Execution | null> {
  try {
    return await executeTask(env, { ...request, passOver: unroutable });
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    if (error.code === 'NOTHING_READY') return null;
    const task = error.details?.['task'];
    if (error.code !== 'NO_CANDIDATE' || typeof task !== 'string') throw error;
    unroutable.add(task);
    return tryNext(env, request, unroutable);
  }
}

function count(summary: ExecuteAllSummary, { task }: Execution): void {
  summary.executed += 1;
  if (task.status === 'done') summary.done += 1;
  if (task.status === 'failed') summary.failed += 1;
  if (task.status === 'blocked') summary.blocked += 1;
}
