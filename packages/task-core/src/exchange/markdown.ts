import { TaskError } from '../errors.js';
import type { Task, TaskStatus } from '../task.js';

/*
 * A task list as people keep it (GitHub's task list items):
 *
 *   - [ ] Fix the login `tsk_…`
 *     - type: bugfix
 *     - lock: src/**
 *     - check: npm test
 *     What to do, in as many lines as it takes.
 *     - [ ] Find out why
 *
 * A box below another is a task that the upper one needs. A line of text that begins like a box or a field has a backslash
 * before its "-", as Markdown has it.
 */

// For lines without white space at their end: to look for it here would take a time that grows with its square.
const BOX = /^(\s*)[-*] \[([ xX/!-])\] (.*?)(?: `(tsk_[0-9a-z]{1,60})`)?$/;
const FIELD = /^\s*[-*] ([a-z ]+): (.*)$/;

const MARKS: Record<TaskStatus, string> = {
  ...{ queued: ' ', claimed: '/', running: '/', blocked: ' ', done: 'x', failed: '!', cancelled: '-' },
};
const ENDED: Record<string, string> = { x: 'done', X: 'done', '!': 'failed', '-': 'cancelled' };

const ESCAPED = /^(\s*)\\(\\*[-*] )/;

type Item = Record<string, unknown> & { id: string; needs: string[] };

/** What `read-tasks` then checks. Text outside of boxes (headings, paragraphs) says nothing about tasks. */
export function readMarkdown(text: string): Item[] {
  const items: Item[] = [];
  const open: { indent: number; item: Item; lines: string[] }[] = [];
  const close = (indent: number): void => {
    while (open.length > 0 && (open.at(-1)?.indent ?? 0) >= indent) {
      const { item, lines } = open.pop() as (typeof open)[number];
      item['description'] = unindent(lines);
    }
  };
  for (const line of text.split(/\r?\n/)) {
    const box = BOX.exec(line.trimEnd());
    if (box) {
      const [, space = '', mark = ' ', title = '', id] = box;
      close(space.length);
      const item: Item = { id: id ?? `line ${items.length + 1}`, title, needs: [] };
      if (ENDED[mark]) item['status'] = ENDED[mark];
      open.at(-1)?.item.needs.push(item.id);
      items.push(item);
      open.push({ indent: space.length, item, lines: [] });
      continue;
    }
    const indent = line.length - line.trimStart().length;
    if (line.trim() !== '') close(indent);
    const current = open.at(-1);
    if (!current) continue;
    const field = current.lines.some((each) => each.trim() !== '') ? null : FIELD.exec(line);
    if (field) readField(current.item, (field[1] ?? '').trim(), (field[2] ?? '').trim());
    else current.lines.push(line.replace(ESCAPED, '$1$2'));
  }
  close(0);
  return items;
}

/** How each field is written down, and what it means for the task. */
const FIELDS: Record<string, (item: Item, value: string) => void> = {
  type: (item, value) => set(item, 'type', value),
  ai: (item, value) => set(item, 'ai', value),
  'not before': (item, value) => set(item, 'notBefore', value),
  'on need failure': (item, value) => set(item, 'onNeedFailure', value),
  priority: (item, value) => set(item, 'priority', /^-?\d+$/.test(value) ? Number(value) : value),
  'max attempts': (item, value) => set(item, 'maxAttempts', Number(value)),
  'timeout ms': (item, value) => set(item, 'timeoutMs', Number(value)),
  budget: (item, value) => set(item, 'budget', parseJson('budget', value)),
  needs: (item, value) => void item.needs.push(...value.split(',').map((need) => need.trim())),
  lock: (item, value) => add(item, 'locks', { glob: value, mode: 'exclusive' }),
  'shared lock': (item, value) => add(item, 'locks', { glob: value, mode: 'shared' }),
  check: (item, value) => add(item, 'checks', readValue(value)),
  capability: (item, value) => add(item, 'capabilities', value),
  label: (item, value) => {
    const at = value.indexOf('=');
    set(item, 'labels', { ...(item['labels'] as object), [value.slice(0, at)]: value.slice(at + 1) });
  },
  run: (item, value) => set(item, 'run', parseJson('run', value)),
  metadata: (item, value) => set(item, 'metadata', parseJson('metadata', value)),
};

function set(item: Item, field: string, value: unknown): void {
  item[field] = value;
}

function add(item: Item, field: string, entry: unknown): void {
  item[field] = [...((item[field] as unknown[]) ?? []), entry];
}

function readField(item: Item, name: string, value: string): void {
  const read = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (read) {
    read(item, value);
    return;
  }
  throw new TaskError({
    code: 'INVALID_TASK',
    message: `"${name}" is no field of a task.`,
    hint: 'Indent text of the description by two spaces and begin it with no "- name: …" line.',
  });
}

export function writeMarkdown(tasks: readonly Task[]): string {
  const blocks = tasks.map((task) => {
    const fields = fieldsOf(task).map(([name, value]) => `  - ${name}: ${value}`);
    const text = task.description.trim() === '' ? [] : ['', ...task.description.split('\n').map(indent)];
    return [`- [${MARKS[task.status]}] ${oneLine(task.title)} \`${task.id}\``, ...fields, ...text].join('\n');
  });
  return `# Tasks\n\n${blocks.join('\n\n')}\n`;
}

function fieldsOf(task: Task): [string, string][] {
  const fields: [string, string][] = [['type', task.type]];
  const put = (name: string, value: string | number | null, unless: string | number | null): void => {
    if (value !== null && value !== unless) fields.push([name, String(value)]);
  };
  put('priority', task.priority, 0);
  put('ai', task.ai, null);
  put('max attempts', task.maxAttempts, 3);
  put('timeout ms', task.timeoutMs, null);
  if (task.budget) fields.push(['budget', JSON.stringify(task.budget)]);
  put('not before', task.notBefore, null);
  put('on need failure', task.onNeedFailure, 'block');
  if (task.needs.length > 0) fields.push(['needs', task.needs.join(', ')]);
  for (const { glob, mode } of task.locks) fields.push([mode === 'exclusive' ? 'lock' : 'shared lock', glob]);
  for (const check of task.checks) fields.push(['check', writeValue(check)]);
  for (const capability of task.capabilities) fields.push(['capability', capability]);
  for (const [key, value] of Object.entries(task.labels)) fields.push(['label', oneLine(`${key}=${value}`)]);
  if (task.run) fields.push(['run', JSON.stringify(task.run)]);
  if (Object.keys(task.metadata).length > 0) fields.push(['metadata', JSON.stringify(task.metadata)]);
  return fields;
}

/** A line that stands as it is, or in quotes what would not come back from that: white space has a meaning to a shell. */
function writeValue(text: string): string {
  return text === oneLine(text).trim() && !text.startsWith('"') ? text : JSON.stringify(text);
}

function readValue(text: string): string {
  if (!/^"(?:[^"\\]|\\.)*"$/.test(text)) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}

function parseJson(name: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new TaskError({
      code: 'INVALID_TASK',
      message: `The field "${name}" is not JSON: ${value.slice(0, 80)}`,
      hint: name === 'run' ? 'Write {"shell": "npm test"} or {"argv": ["npm", "test"]}.' : 'Write one JSON object.',
    });
  }
}

function unindent(lines: readonly string[]): string {
  const filled = lines.filter((line) => line.trim() !== '');
  const least = filled.reduce(
    (indent, line) => Math.min(indent, line.length - line.trimStart().length),
    Number.POSITIVE_INFINITY,
  );
  return lines
    .map((line) => line.slice(least))
    .join('\n')
    .trim();
}

const indent = (line: string): string => (line === '' ? '' : `  ${line.replace(/^(\s*)(\\*[-*] )/, '$1\\$2')}`);
const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
