import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock } from '@signalbox/kernel';
import { createTask, type TaskSpecInput } from '@signalbox/runtime';
import { usage } from '../../errors.js';
import { type CommonOptions, type Io, readAll } from '../../io.js';
import { parseDuration, parseInteger, parsePairs, parseTime } from '../../parse.js';
import { print } from '../../terminal/print.js';
import { withSignalbox } from '../../with-signalbox.js';
import { budgetOf } from './budget-of.js';
import { describeTask } from './describe.js';
import { noticeUnknownAI } from './unknown-ai.js';

export interface CreateOptions extends CommonOptions {
  description?: string;
  file?: string;
  type?: string;
  priority?: string;
  need?: string[];
  lock?: string[];
  lockShared?: string[];
  label?: string[];
  capability?: string[];
  ai?: string;
  onNeedFailure?: string;
  check?: string[];
  run?: string;
  maxAttempts?: string;
  timeout?: string;
  budgetUsd?: string;
  budgetTokens?: string;
  notBefore?: string;
  idempotencyKey?: string;
}

export async function create(io: Io, title: string, options: CreateOptions): Promise<void> {
  const spec = toSpec(title, await promptOf(io, options), options);
  const task = await withSignalbox(io, options, async (box) => {
    const created = await createTask(box.tasks, box.door, box.actor, spec);
    if (options.ai !== undefined) await noticeUnknownAI(io, box, created.ai);
    return created;
  });
  print(io, options, task, (created) => describeTask(created, io));
}

export async function promptOf(
  io: Io,
  { description, file }: { description?: string; file?: string },
): Promise<string> {
  if (file === undefined) return description ?? '';
  if (description !== undefined) throw usage('--description and --file exclude each other.', 'Give one of them.');
  if (file === '-') return readAll(io.stdin);
  try {
    return readFileSync(resolve(io.cwd, file), 'utf8');
  } catch {
    throw usage(`${file} cannot be read.`, 'Name a file that exists, or - for standard input.');
  }
}

/** What the options say, as the queue takes it; the queue checks it. */
function toSpec(title: string, description: string, options: CreateOptions): TaskSpecInput {
  const optional = {
    type: options.type,
    priority: options.priority === undefined ? undefined : priorityOf(options.priority),
    ai: options.ai,
    onNeedFailure: options.onNeedFailure,
    run: options.run === undefined ? undefined : { shell: options.run },
    maxAttempts:
      options.maxAttempts === undefined ? undefined : parseInteger(options.maxAttempts, '--max-attempts', 1, 100),
    timeoutMs: options.timeout === undefined ? undefined : parseDuration(options.timeout),
    budget: budgetOf(options),
    notBefore: options.notBefore === undefined ? undefined : parseTime(options.notBefore, systemClock.now()),
    idempotencyKey: options.idempotencyKey,
  };
  return {
    title,
    description,
    needs: options.need ?? [],
    locks: locksOf(options.lock, options.lockShared),
    labels: parsePairs(options.label ?? [], '--label'),
    capabilities: options.capability ?? [],
    checks: options.check ?? [],
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  } as TaskSpecInput;
}

export function locksOf(exclusive: readonly string[] = [], shared: readonly string[] = []) {
  return [
    ...exclusive.map((glob) => ({ glob, mode: 'exclusive' as const })),
    ...shared.map((glob) => ({ glob, mode: 'shared' as const })),
  ];
}

export function priorityOf(text: string): number | string {
  return /^-?\d+$/.test(text) ? Number(text) : text;
}
