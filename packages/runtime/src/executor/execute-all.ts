import { RuntimeError } from '../errors.js';
import type { ExecutorEnv } from './env.js';
import { type ExecuteRequest, type Execution, executeTask } from './execute-task.js';

export interface ExecuteAllSummary {
  executed: number;
  done: number;
  failed: number;
  blocked: number;
}

/** Tasks that no AI can take: at all, or while the one that could has its hands full. */
interface PassedOver {
  /** That policy refuses all that is ready. */
  refused: RuntimeError | null;
  unroutable: Set<string>;
  busy: Set<string>;
}

/**
 * Works through everything that is ready, retries included, `concurrency` tasks at a time, until nothing is. Tasks that wait
 * for a time, a person or an AI that is not there are left. Throws `NOTHING_READY` if policy refuses all that is ready.
 */
export async function executeAll(
  env: ExecutorEnv,
  request: Omit<ExecuteRequest, 'task'> & { concurrency: number; onExecution(execution: Execution): void },
): Promise<ExecuteAllSummary> {
  const summary: ExecuteAllSummary = { executed: 0, done: 0, failed: 0, blocked: 0 };
  const passed: PassedOver = { refused: null, unroutable: new Set(), busy: new Set() };
  const failed = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, failed.signal]) : failed.signal;
  const waiting: (() => void)[] = [];
  const wakeAll = (): void => {
    for (const wake of waiting.splice(0)) wake();
  };
  let running = 0;

  const lane = async (): Promise<void> => {
    while (!signal.aborted) {
      running += 1;
      const execution = await tryNext(env, { ...request, signal }, passed);
      running -= 1;
      if (execution) {
        count(summary, execution);
        request.onExecution(execution);
        passed.busy.clear();
        wakeAll();
      } else if (running === 0) {
        wakeAll();
        return;
      } else {
        // Something still runs: what it finishes may set a task free. Looking again before then would only spin.
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
  if (summary.executed === 0 && passed.refused) throw passed.refused;
  return summary;
}

async function tryNext(env: ExecutorEnv, request: ExecuteRequest, passed: PassedOver): Promise<Execution | null> {
  for (;;) {
    try {
      return await executeTask(env, { ...request, passOver: new Set([...passed.unroutable, ...passed.busy]) });
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      if (error.code === 'NOTHING_READY') {
        if (error.details?.['refused'] !== 0) passed.refused = error;
        return null;
      }
      const task = error.details?.['task'];
      if (error.code !== 'NO_CANDIDATE' || typeof task !== 'string') throw error;
      (error.details?.['busy'] === true ? passed.busy : passed.unroutable).add(task);
    }
  }
}

function count(summary: ExecuteAllSummary, { task }: Execution): void {
  summary.executed += 1;
  if (task.status === 'done') summary.done += 1;
  if (task.status === 'failed') summary.failed += 1;
  if (task.status === 'blocked') summary.blocked += 1;
}
