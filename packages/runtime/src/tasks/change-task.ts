import type { JsonObject } from '@signalbox/kernel';
import type { CancelOutcome, Task, TaskPatch } from '@signalbox/task-core';
import { parseTaskPatch } from '@signalbox/task-core/spec';
import { actorName } from '../actor.js';
import { taskAsk } from '../executor/claim-task.js';
import { resolveNeed } from './create-task.js';
import { recordCancel, recordRequeue, recordUpdate } from './entries.js';
import { type HoldEnv, mustGet } from './hold-task.js';

/** A patch as somebody writes it: `needs` may be unique prefixes, labels with null are taken away, others are added. */
export type TaskChange = Omit<TaskPatch, 'labels'> & { labels?: Record<string, string | null> };

/**
 * Changes a task through the door. The decision is about the task at one version: if it has moved on meanwhile, the change is
 * made again, by a function from the task as it is then, and judged again. What is stored is redacted first.
 */
export async function updateTask(
  env: HoldEnv,
  id: string,
  change: TaskChange | ((task: Task) => TaskChange),
): Promise<Task> {
  env.door.refuseAgents(env.actor, 'change a task');
  for (;;) {
    const task = await mustGet(env, id);
    const asked = typeof change === 'function' ? change(task) : change;
    const clean = env.door.redactor.json(JSON.parse(JSON.stringify(asked))) as TaskChange;
    const patch = await toPatch(env, task, clean);
    const asWritten = JSON.parse(JSON.stringify(patch)) as JsonObject;
    const ask = { ...taskAsk(env.actor, 'task.update', { ...task, ...patch }), exactly: { patch: asWritten } };
    const outcome = await env.door.pass(ask, (withDecision) =>
      env.tasks.update(
        id,
        patch,
        (updated) => {
          const entries = recordUpdate(actorName(env.actor), patch as unknown as JsonObject)(updated);
          return updated.status === 'stale' ? entries : withDecision(entries);
        },
        task.version,
      ),
    );
    if (outcome.status === 'updated') return outcome.task;
  }
}

async function toPatch(env: HoldEnv, task: Task, { labels, ...rest }: TaskChange): Promise<TaskPatch> {
  const merged =
    labels && Object.fromEntries(Object.entries({ ...task.labels, ...labels }).filter(([, v]) => v !== null));
  const patch = parseTaskPatch({ ...rest, ...(merged ? { labels: merged } : {}) });
  const resolve = (needs: readonly string[] | undefined) =>
    Promise.all((needs ?? []).map((need) => resolveNeed(env.tasks, need)));
  const [addNeeds, removeNeeds] = [await resolve(patch.addNeeds), await resolve(patch.removeNeeds)];
  return {
    ...patch,
    ...(addNeeds.length > 0 ? { addNeeds } : {}),
    ...(removeNeeds.length > 0 ? { removeNeeds } : {}),
  };
}

/** Cancels a task; one that runs is told to stop, unless its lease is broken with `force`. Throws `WRONG_STATE`. */
export async function cancelTask(
  env: HoldEnv,
  id: string,
  { reason, force = false }: { reason?: string; force?: boolean } = {},
): Promise<CancelOutcome> {
  env.door.refuseAgents(env.actor, 'cancel a task');
  const record = recordCancel(actorName(env.actor), reason === undefined ? null : env.door.redactor.text(reason));
  return env.door.pass(taskAsk(env.actor, 'task.cancel', await mustGet(env, id)), (withDecision) =>
    env.tasks.cancel(id, (outcome) => withDecision(record(outcome)), { force }),
  );
}

/** Starts a failed task afresh, with all its attempts. Throws `WRONG_STATE` for any other. */
export async function retryTask(env: HoldEnv, id: string): Promise<Task> {
  env.door.refuseAgents(env.actor, 'retry a task');
  const record = recordRequeue(actorName(env.actor));
  const { task } = await env.door.pass(taskAsk(env.actor, 'task.retry', await mustGet(env, id)), (withDecision) =>
    env.tasks.retry(id, (outcome) => withDecision(record(outcome))),
  );
  return task;
}
