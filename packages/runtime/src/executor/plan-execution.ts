import type { Ranked } from '@signalbox/router';
import type { Task } from '@signalbox/task-core';
import type { Actor } from '../actor.js';
import { RuntimeError } from '../errors.js';
import { promisedSandbox } from '../sandbox/sandbox-service.js';
import { taskAsk } from './claim-task.js';
import type { ExecutorEnv } from './env.js';
import { rankAIs } from './route.js';

/** What an execution would do. */
export interface ExecutionPlan {
  task: Task;
  /** What policy says of executing it. */
  decision: 'allow' | 'ask' | 'deny';
  /** The AI that would get it, or null. */
  ai: string | null;
  ranking: Ranked[];
}

/** Looks and does nothing: which task would be taken, whether policy lets it, and which AI would get it. */
export async function planExecution(
  env: ExecutorEnv,
  request: { actor: Actor; task?: string; ai?: string },
): Promise<ExecutionPlan> {
  const task = await nextTask(env, request.task);
  const promised = await promisedSandbox(env, env.loadPolicy(env.store.paths.root, undefined));
  const decision = env.door.judge({ ...taskAsk(request.actor, 'task.execute', task), ...promised }).decision;
  const { choice } = await rankAIs(env, task, { pin: request.ai ?? null });
  return { task, decision, ai: choice.chosen?.id ?? null, ranking: choice.ranking };
}

async function nextTask(env: ExecutorEnv, id: string | undefined): Promise<Task> {
  const { tasks } = env.store;
  const task = id === undefined ? (await tasks.list({ ready: true, limit: 1 })).tasks[0] : await tasks.get(id);
  if (task) return task;
  throw new RuntimeError({
    code: 'NOTHING_READY',
    message: 'No task is ready.',
    hint: 'See what waits and for what with `signalbox task list --blocked`.',
  });
}
