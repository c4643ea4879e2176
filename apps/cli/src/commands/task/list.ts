import { TASK_STATUSES, type TaskStatus } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseInteger, parsePairs } from '../../parse.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { table } from '../../terminal/table.js';
import { paintStatus } from './describe.js';

export interface ListOptions extends CommonOptions {
  status?: string[];
  label?: string[];
  ai?: string;
  ready?: boolean;
  blocked?: boolean;
  limit?: string;
  sort?: string;
  cursor?: string;
}

export async function list(io: Io, options: ListOptions): Promise<void> {
  const filter = {
    ...statusFilter(options),
    labels: parsePairs(options.label ?? [], '--label'),
    ...(options.ai === undefined ? {} : { ai: options.ai }),
    ready: options.ready === true,
    limit: parseInteger(options.limit ?? '50', '--limit', 1, 1_000),
    sort: sortOf(options.sort ?? 'priority'),
    ...(options.cursor === undefined ? {} : { cursor: options.cursor }),
  };
  const page = await withStore(io, options, (store) => store.tasks.list(filter));
  print(io, options, page, ({ tasks, next }) => {
    if (tasks.length === 0) return 'No tasks.';
    const paint = paintFor(io);
    const rows = tasks.map((task) => [task.id, paintStatus(task, paint), String(task.priority), task.title]);
    const more = next === null ? '' : `\nMore with --cursor ${next}`;
    return `${table(['ID', 'STATUS', 'PRIORITY', 'TITLE'], rows, io.columns)}${more}`;
  });
}

function statusFilter(options: ListOptions): { status?: TaskStatus[] } {
  const wanted = options.blocked ? ['blocked'] : (options.status ?? []).flatMap((each) => each.split(','));
  const unknown = wanted.find((each) => !(TASK_STATUSES as readonly string[]).includes(each));
  if (unknown !== undefined)
    throw usage(`There is no status "${unknown}".`, `Use one of: ${TASK_STATUSES.join(', ')}.`);
  return wanted.length > 0 ? { status: wanted as TaskStatus[] } : {};
}

function sortOf(text: string): 'priority' | 'created' | 'updated' {
  if (text === 'priority' || text === 'created' || text === 'updated') return text;
  throw usage(`Tasks cannot be sorted by "${text}".`, 'Use priority, created or updated.');
}
