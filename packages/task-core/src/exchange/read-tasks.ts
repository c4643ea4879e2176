import { LineCounter, parseDocument as parseYaml } from 'yaml';
import * as z from 'zod';
import { TaskError } from '../errors.js';
import type { TaskDraft } from '../store.js';
import { isTerminal, type TaskSpec, type TaskStatus } from '../task.js';
import { describeIssue, parseTaskSpec } from '../task-spec.js';
import { readMarkdown } from './markdown.js';
import { EXCHANGE_VERSION, taskSchema } from './task-schema.js';

export type ExchangeFormat = 'json' | 'yaml' | 'md';

/** A task as a document names it: whatever was exported, or just what a person writes. Only the title is needed. */
const item = taskSchema
  .extend({
    /** A real id is kept if it is free; any other name only links the tasks of this document. */
    id: z.string().min(1).max(100),
    type: taskSchema.shape.type,
  })
  .partial()
  .required({ title: true });

/** One transaction adds them all, and other writers wait meanwhile: about four seconds. */
const MAX_TASKS = 20_000;

const document = z.strictObject({
  version: z.literal(EXCHANGE_VERSION).optional(),
  tasks: z.array(item).max(MAX_TASKS),
});

/**
 * Reads tasks from a document. Of what happened to them elsewhere only the end is kept: what had not ended there starts
 * afresh. Throws `INVALID_TASK` with every problem, and `EXPORT_NEWER` for a document of a newer version.
 */
export function readTasks(text: string, format: ExchangeFormat, newId: () => string): TaskDraft[] {
  const raw = format === 'md' ? { tasks: readMarkdown(text) } : parseDocument(text, format);
  const found = Array.isArray(raw) ? { tasks: raw } : raw;
  refuseNewer(found);
  const result = document.safeParse(found);
  if (!result.success) throw unfit(result.error, found, format === 'md' ? null : lineFinder(text, Array.isArray(raw)));
  const { tasks } = result.data;
  const ids = new Map<string, string>();
  const own = tasks.map(({ id }) => {
    const given = id !== undefined && /^tsk_[0-9a-z]{1,60}$/.test(id) ? id : newId();
    if (id !== undefined) {
      if (ids.has(id)) throw problem(`two tasks have the id "${id}"`);
      ids.set(id, given);
    }
    return given;
  });
  return tasks.map((task, index) => {
    const { id: _, status, needs = [], ...rest } = task;
    const spec = parseTaskSpec({ ...specFields(rest), needs: needs.map((need) => ids.get(need) ?? need) });
    const ended = status !== undefined && isTerminal(status) ? { ended: status as EndedStatus } : {};
    return { spec, id: own[index] as string, ...ended };
  });
}

type EndedStatus = Extract<TaskStatus, 'done' | 'failed' | 'cancelled'>;

const SPEC_FIELDS = [
  ...['title', 'description', 'type', 'run', 'priority', 'locks', 'labels', 'capabilities', 'ai', 'onNeedFailure'],
  ...['checks', 'maxAttempts', 'timeoutMs', 'budget', 'notBefore', 'idempotencyKey', 'metadata'],
];

function specFields(task: object): Partial<TaskSpec> {
  return Object.fromEntries(Object.entries(task).filter(([field]) => SPEC_FIELDS.includes(field)));
}

function parseDocument(text: string, format: 'json' | 'yaml'): unknown {
  try {
    // Aliases could make a small document stand for a huge one.
    return format === 'json' ? JSON.parse(text) : readYaml(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0]?.replace(/[:.]$/, '') : error;
    throw problem(`it is not ${format.toUpperCase()}: ${why}`);
  }
}

function readYaml(text: string): unknown {
  const parsed = parseYaml(text, { uniqueKeys: true });
  // A warning is of something that is not understood, such as a tag: it would be read as something else.
  const [fault] = [...parsed.errors, ...parsed.warnings];
  if (fault) throw fault;
  return parsed.toJS({ maxAliasCount: 0 });
}

function refuseNewer(found: unknown): void {
  const version = typeof found === 'object' && found !== null && 'version' in found ? found.version : undefined;
  if (typeof version !== 'number' || version <= EXCHANGE_VERSION) return;
  throw new TaskError({
    code: 'EXPORT_NEWER',
    message: `The document has version ${version}; this Signalbox knows ${EXCHANGE_VERSION}.`,
    hint: 'Import it with the version that wrote it, or a later one. Nothing was read.',
  });
}

/** Problems that are told; the details have all. */
const MOST_TOLD = 10;

function unfit(
  error: z.ZodError,
  found: unknown,
  lineOf: ((path: readonly PropertyKey[]) => number) | null,
): TaskError {
  const problems = error.issues.map((issue) => {
    const line = lineOf === null ? '' : `line ${lineOf(keyPath(issue))}: `;
    const where = placeOf(issue.path);
    return `${line}${where === '' ? '' : `${where}: `}${describeIssue(issue, found)}`;
  });
  const more = problems.length > MOST_TOLD ? ` and ${problems.length - MOST_TOLD} more` : '';
  return problem(`${problems.slice(0, MOST_TOLD).join('; ')}${more}`, { problems });
}

/** To the key itself where that is what is wrong. */
function keyPath(issue: z.core.$ZodIssue): readonly PropertyKey[] {
  const [key] = issue.code === 'unrecognized_keys' ? issue.keys : [];
  return key === undefined ? issue.path : [...issue.path, key];
}

/** People count tasks from one. */
function placeOf([tasks, index, ...rest]: readonly PropertyKey[]): string {
  if (tasks !== 'tasks' || typeof index !== 'number')
    return [tasks, index, ...rest].filter((key) => key !== undefined).join('.');
  return [`task ${index + 1}`, rest.join('.')].filter((part) => part !== '').join(', ');
}

/** On which line a value stands, or what is nearest around it. JSON is read as YAML here, which it nearly is. */
function lineFinder(text: string, isBareList: boolean): (path: readonly PropertyKey[]) => number {
  const lineCounter = new LineCounter();
  const parsed = parseYaml(text, { lineCounter });
  return (path) => {
    const keys = isBareList ? path.slice(1) : path;
    for (let length = keys.length; length >= 0; length--) {
      const node = parsed.getIn(keys.slice(0, length), true) as { range?: [number, number, number] } | undefined;
      if (node?.range) return lineCounter.linePos(node.range[0]).line;
    }
    return 1;
  };
}

function problem(what: string, details?: { problems: string[] }): TaskError {
  return new TaskError({
    code: 'INVALID_TASK',
    message: `The document cannot be imported: ${what}.`,
    hint: 'See docs/tasks.md for the three formats.',
    ...(details ? { details } : {}),
  });
}
