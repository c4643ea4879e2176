import type { JsonObject } from '@signalbox/kernel';
import { type Task, TaskError, type TaskSpecInput, type TaskStore } from '@signalbox/task-core';
import { parseTaskSpec } from '@signalbox/task-core/spec';
import { type Actor, actorName } from '../actor.js';
import type { Door } from '../door/door.js';
import { recordCreate } from './entries.js';

/**
 * Adds a task through the door. `needs` may be unique prefixes of ids. What is stored is redacted first, so that a secret
 * pasted into a prompt reaches neither the queue, nor the ledger, nor an agent.
 */
export async function createTask(tasks: TaskStore, door: Door, actor: Actor, input: TaskSpecInput): Promise<Task> {
  const asked = parseTaskSpec(door.redactor.json(JSON.parse(JSON.stringify(input))));
  const spec = { ...asked, needs: await Promise.all(asked.needs.map((need) => resolveNeed(tasks, need))) };
  const { type, priority, labels, ai } = spec;
  const ask = {
    actor,
    action: { name: 'task.create' },
    subject: 'project',
    resource: { type, priority, labels, ai: ai ?? '', locks: spec.locks.map((lock) => lock.glob) },
    exactly: JSON.parse(JSON.stringify(spec)) as JsonObject,
  };
  const { task } = await door.pass(ask, (withDecision) =>
    tasks.create(spec, actorName(actor), (outcome) => withDecision(recordCreate(actorName(actor))(outcome))),
  );
  return task;
}

export async function resolveNeed(tasks: TaskStore, need: string): Promise<string> {
  try {
    return await tasks.resolve(need);
  } catch (error) {
    if (!(error instanceof TaskError) || error.code !== 'NOT_FOUND') throw error;
    throw new TaskError({
      code: 'UNKNOWN_NEED',
      message: `The task needs ${need}, which does not exist.`,
      hint: 'Create that task first, or take its id from `signalbox task list`.',
      details: { need },
      cause: error,
    });
  }
}
