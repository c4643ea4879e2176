import * as z from 'zod';
import { FAILURE_CLASSES, TASK_STATUSES, type Task } from '../task.js';
import { taskSpecShape } from '../task-spec.js';

const time = z.iso.datetime({ offset: true });
const text = z.string();

const failure = z.strictObject({
  class: z.enum(FAILURE_CLASSES),
  message: text,
  resumeAt: z.number().optional(),
});

const block = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dependency'), task: text, state: z.enum(['unmet', 'failed', 'cancelled']) }),
  z.strictObject({ kind: z.literal('lock'), task: text, glob: text }),
  z.strictObject({ kind: z.literal('approval'), decision: text, what: text, approval: text.optional() }),
  z.strictObject({ kind: z.literal('quota'), until: time }),
  z.strictObject({ kind: z.literal('landing'), reason: text }),
  z.strictObject({ kind: z.literal('human'), reason: text }),
]);

const lease = z.strictObject({
  fence: z.int().min(1),
  holder: text,
  expiresAt: time,
  ttlMs: z.int(),
  heartbeatAt: time,
});

/** A whole task as it is written to JSON, with every field that it has. */
export const taskSchema = z
  .strictObject({
    id: z.string().regex(/^tsk_[0-9a-z]{1,60}$/, 'must be an id of the form tsk_…'),
    ...taskSpecShape,
    status: z.enum(TASK_STATUSES),
    attempt: z.int().min(0),
    blockedBy: z.array(block),
    failure: failure.nullable(),
    cancelRequestedAt: time.nullable(),
    version: z.int().min(1),
    createdAt: time,
    createdBy: text,
    updatedAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    lease: lease.nullable(),
  })
  .meta({ title: 'Signalbox task' });

export const EXCHANGE_VERSION = 1;

/** What `task export` writes and `task import` reads. */
export const exchangeSchema = z
  .strictObject({ version: z.literal(EXCHANGE_VERSION), tasks: z.array(taskSchema).max(100_000) })
  .meta({ title: 'Signalbox tasks' });

export interface Exchange {
  version: typeof EXCHANGE_VERSION;
  tasks: Task[];
}

/** The JSON Schema (2020-12) of a task, or of an export. */
export function taskJsonSchema(of: 'task' | 'export' = 'task'): object {
  return z.toJSONSchema(of === 'task' ? taskSchema : exchangeSchema, { io: 'input', unrepresentable: 'any' });
}
