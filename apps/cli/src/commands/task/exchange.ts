import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import {
  drawGraph,
  type ExchangeFormat,
  type GraphFormat,
  importTasks,
  readAll,
  readGraph,
  writeTasks,
} from '@signalbox/runtime';
import { withStore } from '../../context.js';
import { usage } from '../../errors.js';
import { type CommonOptions, type Io, readAll as readInput } from '../../io.js';
import { requireFile } from '../../named-file.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { withSignalbox } from '../../with-signalbox.js';

const FORMATS: Record<string, ExchangeFormat> = {
  ...{ json: 'json', yaml: 'yaml', yml: 'yaml', md: 'md', markdown: 'md' },
};

export async function importFile(io: Io, file: string, options: CommonOptions & { format?: string }): Promise<void> {
  if (file !== '-') requireFile(resolve(io.cwd, file), 'Name a file that exists, or - for standard input.');
  const format = formatOf(options.format ?? extname(file).slice(1), file === '-' ? 'json' : undefined);
  const text = await textOf(io, file);
  const report = await withSignalbox(io, options, (box) => importTasks({ ...box, ids: box.store.ids }, text, format));
  const { imported, known } = report;
  print(io, options, { tasks: imported, known }, ({ tasks }) => {
    const lines = tasks.map((task) => `${task.id}  ${task.status}  ${task.title}`);
    const count = `${counted(tasks.length, 'task')} imported`;
    return [...lines, known === 0 ? `${count}.` : `${count}; ${known} were here already.`].join('\n');
  });
}

export async function exportTasks(io: Io, options: CommonOptions & { format?: string }): Promise<void> {
  const format = formatOf(options.format ?? 'json');
  await withStore(io, options, async (store) => {
    const text = writeTasks(await readAll(store.tasks), options.json ? 'json' : format);
    if (options.json) io.stdout.write(`${JSON.stringify(JSON.parse(text))}\n`);
    else print(io, options, text, (safe) => (io.isTerminal ? safe : text));
  });
}

export async function graph(
  io: Io,
  prefix: string | undefined,
  options: CommonOptions & { format?: string },
): Promise<void> {
  const format = options.format ?? 'text';
  if (format !== 'mermaid' && format !== 'dot' && format !== 'text') {
    throw usage(`There is no graph format "${format}".`, 'Use mermaid, dot or text.');
  }
  await withStore(io, options, async (store) => {
    const root = prefix === undefined ? undefined : await store.tasks.resolve(prefix);
    const found = await readGraph(store.tasks, root);
    print(io, options, found, (safe) => drawGraph(safe, format satisfies GraphFormat));
  });
}

function formatOf(name: string, otherwise?: ExchangeFormat): ExchangeFormat {
  const format = FORMATS[name.toLowerCase()] ?? (name === '' ? otherwise : undefined);
  if (format) return format;
  const what =
    name === '' ? 'The name of the file does not say in which format it is.' : `"${name}" is no format of tasks.`;
  throw usage(what, 'Use json, yaml or md with --format, or a file that ends so.');
}

async function textOf(io: Io, file: string): Promise<string> {
  if (file === '-') return readInput(io.stdin);
  return readFileSync(resolve(io.cwd, file), 'utf8');
}
