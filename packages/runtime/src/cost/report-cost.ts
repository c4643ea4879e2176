import { isoTime, type JsonObject } from '@signalbox/kernel';
import type { Attempt, Task, TaskStore } from '@signalbox/task-core';
import { mayHaveUsed, soundAmount } from '../budgets/used.js';

/** What costs are put together by. */
export const COST_GROUPS = ['task', 'ai', 'label', 'day'] as const;
export type CostGroup = (typeof COST_GROUPS)[number];

export interface CostRow {
  /** Task id, AI id, labels as `k=v, k=v`, or day of UTC. */
  key: string;
  /** Of a task. */
  title?: string;
  attempts: number;
  /** US dollars, to the millionth. */
  usd: number;
  /** Without what was read from or written to caches. */
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  turns: number;
  /** From the start of each attempt to its end. */
  timeMs: number;
  /** Attempts whose agents began and did not tell what they cost: for them `usd` holds nothing. Run lines cost nothing. */
  untold: number;
}

export interface CostReport {
  by: CostGroup;
  since: string | null;
  until: string | null;
  /** The costliest first; days in their order. */
  rows: CostRow[];
  total: Omit<CostRow, 'key' | 'title'>;
  /** Attempts under way, which are not counted yet. */
  running: number;
}

export interface CostRequest {
  by: CostGroup;
  /** ISO 8601. What counts is when an attempt ended. */
  since?: string;
  until?: string;
  /** With `by: 'label'`: the values of this one alone. */
  label?: string;
}

/** What attempts have used, as far as their agents told, each counted once, in the one row that it belongs to. */
export async function reportCost(tasks: TaskStore, request: CostRequest): Promise<CostReport> {
  const { by, since, until } = request;
  const rows = new Map<string, CostRow>();
  const total = emptyRow('');
  const known = new Map<string, Task | null>();
  const taskOf = async (id: string): Promise<Task | null> => {
    if (!known.has(id)) known.set(id, await tasks.get(id));
    return known.get(id) ?? null;
  };
  const range = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
  for await (const attempt of endedAttempts(tasks, range)) {
    const key = await keyOf(attempt, request, taskOf);
    const row = rows.get(key) ?? emptyRow(key);
    rows.set(key, row);
    const hasAgent = attempt.ai !== null && mayHaveUsed(attempt) && (await taskOf(attempt.task))?.type !== 'command';
    const counted = countOf(attempt, hasAgent);
    add(row, counted);
    add(total, counted);
  }
  if (by === 'task') for (const row of rows.values()) row.title = (await taskOf(row.key))?.title ?? '';
  const { key: _, ...sum } = inDollars(total);
  return {
    ...{ by, since: since ?? null, until: until ?? null },
    rows: sorted([...rows.values()].map(inDollars), by),
    total: sum,
    running: (await tasks.held()).filter(({ attempt }) => attempt?.finishedAt === null).length,
  };
}

/** What was used since the day began, in UTC. */
export async function costToday(tasks: TaskStore, now: number): Promise<CostReport['total']> {
  const { total } = await reportCost(tasks, { by: 'day', since: isoTime(now - (now % 86_400_000)) });
  return total;
}

const PAGE = 5_000;

async function* endedAttempts(
  tasks: TaskStore,
  range: { since?: string; until?: string },
): AsyncGenerator<Attempt, void, void> {
  let cursor: string | null = null;
  do {
    const page: { attempts: Attempt[]; next: string | null } = await tasks.endedAttempts({
      ...{ ...range, limit: PAGE },
      ...(cursor === null ? {} : { cursor }),
    });
    yield* page.attempts;
    cursor = page.next;
  } while (cursor !== null);
}

async function keyOf(
  { task, ai, finishedAt }: Attempt,
  { by, label }: CostRequest,
  taskOf: (id: string) => Promise<Task | null>,
): Promise<string> {
  if (by === 'task') return task;
  if (by === 'ai') return ai ?? NOBODY;
  if (by === 'day') return (finishedAt ?? '').slice(0, 10);
  const labels = (await taskOf(task))?.labels ?? {};
  if (label !== undefined) return Object.hasOwn(labels, label) ? (labels[label] ?? NOBODY) : NOBODY;
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return pairs.length > 0 ? pairs.sort().join(', ') : NOBODY;
}

/** Of work that was done by hand, and of tasks without a label. */
const NOBODY = '-';

function emptyRow(key: string): CostRow {
  return { key, ...NOTHING };
}

type Counted = Omit<CostRow, 'key' | 'title'>;

const NOTHING: Counted = {
  ...{ attempts: 0, usd: 0, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
  ...{ turns: 0, timeMs: 0, untold: 0 },
};

/** In millionths of a dollar, so that sums of rows are the sum of all, to the last digit. */
const PER_DOLLAR = 1_000_000;

function countOf({ startedAt, finishedAt, data }: Attempt, mayBeUntold: boolean): Counted {
  const usage = (data['usage'] ?? {}) as JsonObject;
  const amount = (name: string): number => soundAmount(usage[name]) ?? 0;
  const usd = soundAmount(usage['costUsd']);
  return {
    attempts: 1,
    usd: Math.round((usd ?? 0) * PER_DOLLAR),
    inputTokens: amount('inputTokens'),
    outputTokens: amount('outputTokens'),
    cacheReadTokens: amount('cacheReadTokens'),
    cacheWriteTokens: amount('cacheWriteTokens'),
    turns: amount('turns'),
    timeMs: Math.max(0, Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)),
    untold: usd === null && mayBeUntold ? 1 : 0,
  };
}

function add(row: CostRow, counted: Counted): void {
  for (const [name, value] of Object.entries(counted)) row[name as keyof Counted] += value;
}

function inDollars(row: CostRow): CostRow {
  return { ...row, usd: row.usd / PER_DOLLAR };
}

function sorted(rows: CostRow[], by: CostGroup): CostRow[] {
  const byKey = (a: CostRow, b: CostRow): number => (a.key < b.key ? -1 : 1);
  return rows.sort((a, b) => (by === 'day' ? 0 : b.usd - a.usd || b.outputTokens - a.outputTokens) || byKey(a, b));
}
