import { RuntimeError } from '../errors.js';
import type { DueRetries } from './due-retries.js';
import type { ExecutorEnv } from './env.js';
import { type ExecuteRequest, type Execution, executeTask } from './execute-task.js';
import type { Turns } from './turns.js';

/** What the lanes share. */
export interface Yard {
  /** From the search for a task to the start of an attempt, one lane at a time: two must not see the same place free. */
  turns: Turns;
  retries: DueRetries;
  /** Aborted: take nothing new. */
  ending: AbortSignal;
  /** Why the last search found nothing to take, though something was ready: policy refuses it all, or no AI can take any. */
  problem: RuntimeError | null;
}

/** One execution, or null when there is nothing to take now. */
export async function tryNext(env: ExecutorEnv, request: ExecuteRequest, yard: Yard): Promise<Execution | null> {
  const passOver = new Set<string>();
  for (;;) {
    const done = await yard.turns.take();
    const progress: ExecuteRequest['progress'] = (each) => {
      if (each.step === 'routed') done();
      request.progress?.(each);
    };
    try {
      if (yard.ending.aborted) return null;
      yard.problem = null;
      return await executeTask(env, { ...request, passOver, progress });
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      const { task, passedOver, refused, returns } = error.details ?? {};
      if (error.code === 'NOTHING_READY') {
        if (refused !== 0) yard.problem = error;
        return null;
      }
      if (error.code !== 'NO_CANDIDATE' || typeof task !== 'string') throw error;
      if (passedOver !== undefined) {
        yard.problem = error;
        if (typeof returns === 'number') yard.retries.expect(task, returns);
        return null;
      }
      // Another process took the place between the claim and the start.
      passOver.add(task);
    } finally {
      done();
    }
  }
}
