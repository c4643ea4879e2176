import { canonicalJson, type JsonObject } from '@signalbox/kernel';
import { type Task, type TaskDraft, TaskError, type TaskSpec } from '@signalbox/task-core';
import { type ExchangeFormat, readTasks } from '@signalbox/task-core/exchange';
import { actorName } from '../actor.js';
import { refusal } from '../door/refusal.js';
import { taskAsk } from '../executor/claim-task.js';
import type { ExecutorEnv } from '../executor/env.js';
import { resolveNeed } from './create-task.js';
import { recordCreate } from './entries.js';
import type { HoldEnv } from './hold-task.js';

export interface ImportReport {
  imported: Task[];
  /** How many the project had already, each the same: by its id, or by its idempotency key. */
  known: number;
}

/**
 * Adds the tasks of a document, all or none. Each is judged as `task create` is. A task whose id the project has already is
 * passed over if it is the same, and refused as `ID_TAKEN` if not. For a person: an imported task may be done already.
 */
export async function importTasks(
  env: HoldEnv & { ids: ExecutorEnv['store']['ids'] },
  text: string,
  format: ExchangeFormat,
): Promise<ImportReport> {
  env.door.refuseAgents(env.actor, 'import tasks');
  const drafts = readTasks(text, format, () => env.ids('tsk')).map((draft) => redacted(env, draft));
  const own = new Set(drafts.map(({ id }) => id));
  const fresh: TaskDraft[] = [];
  for (const draft of drafts) {
    const there = draft.id === undefined ? null : await env.tasks.get(draft.id);
    if (!there) fresh.push(await withFullNeeds(env, draft, own));
    else if (!isSame(there, draft.spec)) throw taken(there);
  }
  if (fresh.length === 0) return { imported: [], known: drafts.length };
  const decisions = fresh.map(({ spec, id = '' }) => {
    const ask = { ...taskAsk(env.actor, 'task.create', { ...spec, id } as Task), subject: 'project' };
    const { decision, entry } = env.door.judgeToRecord(ask);
    if (decision.decision === 'allow') return entry;
    env.door.record([entry]);
    throw refusal(ask.action.name, decision, null);
  });
  const record = recordCreate(actorName(env.actor));
  const outcomes = await env.tasks.enqueueMany(fresh, actorName(env.actor), (created) =>
    created.flatMap((outcome, index) => {
      const decision = decisions[index];
      if (!outcome.created) return [];
      return decision ? [decision, ...record(outcome)] : record(outcome);
    }),
  );
  const imported = outcomes.filter(({ created }) => created).map(({ task }) => task);
  return { imported, known: drafts.length - imported.length };
}

/** In what makes a task that task. Needs, locks and delays may have changed while it was worked on. */
const IDENTITY = [
  ...['title', 'description', 'type', 'run', 'priority', 'labels', 'capabilities', 'ai', 'checks', 'onNeedFailure'],
  ...['maxAttempts', 'timeoutMs', 'budget', 'metadata'],
] as (keyof TaskSpec)[];

function isSame(task: Task, spec: TaskSpec): boolean {
  return IDENTITY.every((field) => canonicalJson(task[field]) === canonicalJson(spec[field]));
}

function redacted({ door }: HoldEnv, draft: TaskDraft): TaskDraft {
  return { ...draft, spec: door.redactor.json(draft.spec as unknown as JsonObject) as unknown as TaskDraft['spec'] };
}

async function withFullNeeds(env: HoldEnv, draft: TaskDraft, own: ReadonlySet<string | undefined>): Promise<TaskDraft> {
  const needs = await Promise.all(
    draft.spec.needs.map((need) => (own.has(need) ? need : resolveNeed(env.tasks, env.door.redactor.text(need)))),
  );
  return { ...draft, spec: { ...draft.spec, needs } };
}

function taken({ id, title }: Task): TaskError {
  return new TaskError({
    code: 'ID_TAKEN',
    message: `${id} is another task here: "${title}".`,
    hint: 'Leave the id out of the document, and the task gets a new one.',
    details: { task: id },
  });
}
