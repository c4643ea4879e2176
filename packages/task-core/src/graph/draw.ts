import type { TaskStatus } from '../task.js';
import type { TaskGraph } from './graph.js';

export type GraphFormat = 'mermaid' | 'dot' | 'text';

export function drawGraph(graph: TaskGraph, format: GraphFormat): string {
  switch (format) {
    case 'mermaid':
      return mermaid(graph);
    case 'dot':
      return dot(graph);
    case 'text':
      return textTree(graph);
  }
}

/** https://mermaid.js.org/syntax/flowchart.html: quotes and line ends are written as entities, which no label can escape from. */
function mermaid({ tasks, edges }: TaskGraph): string {
  const nodes = tasks.map(({ id, title, status }) => `  ${id}["${mermaidText(title)}"]:::${status}`);
  const arrows = edges.map(({ need, task }) => `  ${need} --> ${task}`);
  return `${['flowchart LR', ...nodes, ...arrows, ...STYLES].join('\n')}\n`;
}

const COLOURS: Record<TaskStatus, string> = {
  queued: '#e8eaf6',
  claimed: '#fff3cd',
  running: '#ffe082',
  blocked: '#ffccbc',
  done: '#c8e6c9',
  failed: '#ef9a9a',
  cancelled: '#e0e0e0',
};
const STYLES = Object.entries(COLOURS).map(([status, colour]) => `  classDef ${status} fill:${colour},color:#000`);

function mermaidText(text: string): string {
  return oneLine(text).replace(/[^\p{L}\p{N} ,.:/()_+-]/gu, (char) => `#${char.codePointAt(0)};`);
}

/** https://graphviz.org/doc/info/lang.html: in a quoted string only the quote and the backslash have a meaning. */
function dot({ tasks, edges }: TaskGraph): string {
  const quoted = (text: string): string => `"${oneLine(text).replace(/[\\"]/g, '\\$&')}"`;
  const nodes = tasks.map(
    ({ id, title, status }) =>
      `  ${quoted(id)} [label=${quoted(title)}, tooltip=${quoted(status)}, fillcolor="${COLOURS[status]}"];`,
  );
  const arrows = edges.map(({ need, task }) => `  ${quoted(need)} -> ${quoted(task)};`);
  const head = ['digraph tasks {', '  rankdir=LR;', '  node [shape=box, style="filled,rounded"];'];
  return `${[...head, ...nodes, ...arrows, '}'].join('\n')}\n`;
}

/** Beyond this a line would be mostly indentation: a chain of 10,000 tasks would take 150 MB. */
const MAX_DEPTH = 32;

/** Each task under those that need it, which is the order in which one thinks; a second time it is only named. */
function textTree({ tasks, edges }: TaskGraph): string {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const needs = new Map<string, string[]>();
  const needed = new Set<string>();
  for (const { need, task } of edges) {
    const known = needs.get(task);
    if (known) known.push(need);
    else needs.set(task, [need]);
    needed.add(need);
  }
  const lines: string[] = [];
  const shown = new Set<string>();
  // A stack instead of recursion: a chain may have thousands of tasks.
  const pending = tasks.filter(({ id }) => !needed.has(id)).map(({ id }) => root(id));
  pending.reverse();
  const deeper = new Set<string>();
  for (let at = pending.pop(); at; at = pending.pop() ?? firstOf(deeper)) {
    const { id, indent, branch, depth } = at;
    const children = needs.get(id) ?? [];
    const again = shown.has(id) && children.length > 0;
    const tooDeep = !again && children.length > 0 && depth === MAX_DEPTH;
    const task = byId.get(id);
    const note = again ? ' (see above)' : tooDeep ? ' (see below)' : '';
    lines.push(`${indent}${branch}${task?.status ?? ''} ${id} ${oneLine(task?.title ?? '')}${note}`);
    if (tooDeep) deeper.add(id);
    if (again || tooDeep) continue;
    shown.add(id);
    deeper.delete(id);
    const below = branch === '' ? '' : `${indent}${at.last ? '   ' : '│  '}`;
    for (let index = children.length - 1; index >= 0; index--) {
      const last = index === children.length - 1;
      const child = children[index] as string;
      pending.push({ id: child, indent: below, branch: last ? '└─ ' : '├─ ', last, depth: depth + 1 });
    }
  }
  return lines.length === 0 ? 'No tasks.\n' : `${lines.join('\n')}\n`;
}

const root = (id: string) => ({ id, indent: '', branch: '', last: true, depth: 0 });

function firstOf(ids: ReadonlySet<string>): ReturnType<typeof root> | undefined {
  const [id] = ids;
  return id === undefined ? undefined : root(id);
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a title may hold them, a drawing must not
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
