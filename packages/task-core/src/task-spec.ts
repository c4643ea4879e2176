import type { JsonObject } from '@signalbox/kernel';
import { checkGlob } from '@signalbox/rules/glob';
import * as z from 'zod';
import { describeIssue } from './describe-issue.js';
import { TaskError } from './errors.js';
import { checkMetadata } from './metadata.js';
import type { TaskPatch } from './store.js';
import {
  DEFAULT_MAX_ATTEMPTS,
  MAX_LOCKS,
  NEED_FAILURE_RULES,
  type PathLock,
  PRIORITY_WORDS,
  TASK_TYPES,
  type TaskSpec,
} from './task.js';

const line = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !text.includes('\0'), 'must not contain NUL')
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode');

const glob = line(1_024).superRefine((pattern, context) => {
  const reason = checkGlob(pattern);
  if (reason) context.addIssue({ code: 'custom', message: reason });
});

const pathLock = z.strictObject({ glob, mode: z.enum(['exclusive', 'shared']).default('exclusive') });

const priority = z.union(
  [
    z.int().min(-1_000_000).max(1_000_000),
    z.enum(Object.keys(PRIORITY_WORDS) as [string, ...string[]]).transform((word) => PRIORITY_WORDS[word] as number),
  ],
  `must be a whole number within a million of zero, or ${Object.keys(PRIORITY_WORDS).join(', ')}`,
);

const runLine = z.union(
  [z.strictObject({ argv: z.array(line(32_768)).min(1).max(1_000) }), z.strictObject({ shell: line(32_768).min(1) })],
  'must be {argv: [program, argument…]} or {shell: line}',
);

const metadata = z.custom<JsonObject>().superRefine((value, context) => {
  const reason = checkMetadata(value);
  if (reason) context.addIssue({ code: 'custom', message: reason });
});

const budget = z
  .strictObject({
    usd: z.number().positive().max(1_000_000),
    tokens: z.int().min(1),
    turns: z.int().min(1),
    timeMs: z.int().min(1_000),
  })
  .partial()
  .refine((amounts) => Object.values(amounts).some((amount) => amount !== undefined), 'must limit something');

/** The fields of a spec, for schemas that hold more than them. */
export const taskSpecShape = {
  title: line(500).refine((title) => title.trim() !== '', 'must not be empty'),
  description: line(1_000_000).default(''),
  type: z.enum(TASK_TYPES).optional(),
  run: runLine.nullable().default(null),
  priority: priority.default(0),
  needs: z.array(line(64)).max(10_000).default([]),
  locks: z.array(pathLock).max(MAX_LOCKS).default([]),
  labels: z.record(line(100).min(1), line(500)).default({}),
  capabilities: z.array(line(100).min(1)).max(100).default([]),
  ai: line(100).min(1).nullable().default(null),
  onNeedFailure: z.enum(NEED_FAILURE_RULES).default('block'),
  checks: z.array(line(32_768).min(1)).max(100).default([]),
  maxAttempts: z.int().min(1).max(100).default(DEFAULT_MAX_ATTEMPTS),
  timeoutMs: z
    .int()
    .min(1_000)
    .max(7 * 24 * 3_600_000)
    .nullable()
    .default(null),
  budget: budget.nullable().default(null),
  notBefore: z.iso.datetime({ offset: true }).nullable().default(null),
  idempotencyKey: line(200).min(1).nullable().default(null),
  metadata: metadata.default({}),
};

const taskSpec = z
  .strictObject(taskSpecShape)
  .superRefine((spec, context) => {
    const type = spec.type ?? (spec.run ? 'command' : 'chore');
    if (type === 'command' && !spec.run) {
      context.addIssue({ code: 'custom', path: ['run'], message: 'a task of type command needs something to run' });
    }
    if (type !== 'command' && spec.run) {
      context.addIssue({ code: 'custom', path: ['run'], message: `a task of type ${type} takes no run line` });
    }
  })
  .transform((spec) => ({ ...spec, type: spec.type ?? (spec.run ? 'command' : 'chore') }));

/** What `parseTaskSpec` accepts: a title, and anything else of {@link TaskSpec}. */
export type TaskSpecInput = z.input<typeof taskSpec>;

/**
 * Checks what somebody asks for and fills in the defaults. Without a type a task with a run line is a `command`, any other
 * a `chore`. Throws `INVALID_TASK` naming every field that is wrong.
 */
export function parseTaskSpec(input: unknown): TaskSpec {
  const result = taskSpec.safeParse(input);
  if (result.success) return { ...result.data, needs: [...new Set(result.data.needs)] } as TaskSpec;
  throw invalidTask(result.error, input);
}

const taskPatch = z
  .strictObject({ ...taskSpecShape, addNeeds: taskSpecShape.needs, removeNeeds: taskSpecShape.needs })
  .omit({ needs: true, idempotencyKey: true, type: true, run: true })
  .partial();

/** Checks what somebody wants changed of a task. What is not given stays. Throws `INVALID_TASK` as `parseTaskSpec`. */
export function parseTaskPatch(input: unknown): TaskPatch {
  const result = taskPatch.safeParse(input);
  if (!result.success) throw invalidTask(result.error, input);
  // A default would overwrite what the task has.
  const given = new Set(Object.keys(input as object));
  return Object.fromEntries(Object.entries(result.data).filter(([field]) => given.has(field))) as TaskPatch;
}

/** Checks one path lock, a pattern or with its mode. Throws `INVALID_TASK`. */
export function parsePathLock(input: unknown): PathLock {
  const result = pathLock.safeParse(input);
  if (!result.success) throw invalidTask(result.error, input);
  return result.data;
}

export { describeIssue };

function invalidTask(error: z.ZodError, input: unknown): TaskError {
  const problems = error.issues.map((issue) => {
    const where = issue.path.join('.');
    const what = describeIssue(issue, input);
    return where ? `${where}: ${what}` : what;
  });
  const shown = problems.slice(0, 10).join('; ');
  return new TaskError({
    code: 'INVALID_TASK',
    message: `The task is not valid: ${shown}${problems.length > 10 ? ` and ${problems.length - 10} more` : ''}.`,
    hint: 'See `signalbox task create --help` for what each field takes.',
    details: { problems },
  });
}
