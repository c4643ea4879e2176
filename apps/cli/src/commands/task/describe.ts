import { describeBlock, type Task } from '@signalbox/runtime/project';
import type { Io } from '../../io.js';
import { type Paint, paintFor } from '../../terminal/colour.js';
import { oneLine } from '../../terminal/safe-text.js';
import { wrapText } from '../../terminal/wrap-text.js';

const STATUS_PAINT: Record<Task['status'], keyof Paint> = {
  queued: 'bold',
  claimed: 'warn',
  running: 'warn',
  blocked: 'warn',
  done: 'good',
  failed: 'bad',
  cancelled: 'dim',
};

export function paintStatus(task: Pick<Task, 'status'>, paint: Paint): string {
  return paint[STATUS_PAINT[task.status]](task.status);
}

function describeBudget({ usd, tokens, turns, timeMs }: NonNullable<Task['budget']>): string {
  const parts = [
    usd === undefined ? '' : `${usd} USD`,
    tokens === undefined ? '' : `${tokens} tokens`,
    turns === undefined ? '' : `${turns} turns`,
    timeMs === undefined ? '' : `${Math.round(timeMs / 60_000)} minutes`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** A task in a short paragraph: what it is, where it stands, what is in its way. */
export function describeTask(task: Task, io: Pick<Io, 'isTerminal' | 'environment' | 'columns'>): string {
  const paint = paintFor(io);
  const lines = [`${paint.bold(task.id)}  ${paintStatus(task, paint)}  ${task.title}`];
  const facts = [`type ${task.type}`, `priority ${task.priority}`, `attempt ${task.attempt} of ${task.maxAttempts}`];
  if (task.ai) facts.push(`for ${task.ai}`);
  lines.push(`  ${facts.join(', ')}`);
  const list = (name: string, items: readonly string[]) =>
    items.length > 0 && lines.push(`  ${name}: ${items.join(', ')}`);
  list('needs', task.needs);
  list(
    'locks',
    task.locks.map((lock) => (lock.mode === 'shared' ? `${lock.glob} (shared)` : lock.glob)),
  );
  list(
    'labels',
    Object.entries(task.labels).map(([key, value]) => `${key}=${value}`),
  );
  if (task.run) lines.push(`  run: ${'shell' in task.run ? task.run.shell : task.run.argv.join(' ')}`);
  if (task.budget) lines.push(`  budget: ${describeBudget(task.budget)}`);
  for (const check of task.checks) lines.push(`  check: ${check}`);
  for (const block of task.blockedBy) lines.push(`  waits: ${describeBlock(block)}`);
  if (task.lease)
    lines.push(`  held by ${task.lease.holder} until ${task.lease.expiresAt} (fence ${task.lease.fence})`);
  if (task.notBefore) lines.push(`  not before ${task.notBefore}`);
  if (task.failure) lines.push(`  last failure (${task.failure.class}): ${task.failure.message.split('\n')[0]}`);
  return lines.map((line) => wrapText(oneLine(line), io.columns, 4)).join('\n');
}
