import { systemClock } from '@signalbox/kernel';
import {
  cancelTask,
  createGit,
  mustGet,
  retryTask,
  revertLanding,
  type TaskChange,
  updateTask,
} from '@signalbox/runtime';
import type { Task } from '@signalbox/runtime/project';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseDuration, parseInteger, parsePairs, parseTime } from '../../parse.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';
import { budgetOf } from './budget-of.js';
import { locksOf, priorityOf, promptOf } from './create.js';
import { describeTask } from './describe.js';
import { noticeUnknownAI } from './unknown-ai.js';

export interface UpdateOptions extends CommonOptions {
  title?: string;
  description?: string;
  file?: string;
  priority?: string;
  need?: string[];
  removeNeed?: string[];
  onNeedFailure?: string;
  lock?: string[];
  lockShared?: string[];
  removeLocks?: boolean;
  label?: string[];
  removeLabel?: string[];
  capability?: string[];
  ai?: string;
  check?: string[];
  removeChecks?: boolean;
  maxAttempts?: string;
  timeout?: string;
  budgetUsd?: string;
  budgetTokens?: string;
  notBefore?: string;
}

export async function update(io: Io, prefix: string, options: UpdateOptions): Promise<void> {
  const prompt = options.file === undefined ? options.description : await promptOf(io, options);
  const task = await withSignalbox(io, options, async (box) => {
    const id = await box.tasks.resolve(prefix);
    const changed = await updateTask(box, id, (before) => {
      const change = toChange(options, prompt, before);
      if (Object.keys(change).length > 0) return change;
      throw usage('Nothing was said that is to change.', 'Give at least one option, such as --priority high.');
    });
    if (options.ai !== undefined) await noticeUnknownAI(io, box, changed.ai);
    return changed;
  });
  print(io, options, task, (after) => describeTask(after, io));
}

/** Lists grow by what is given; a `--remove…` option empties them first. */
function toChange(
  options: UpdateOptions,
  description: string | undefined,
  task: Pick<Task, 'locks' | 'checks' | 'capabilities'>,
): TaskChange {
  const { need, removeNeed, lock, lockShared, removeLocks, label, removeLabel, capability, check, removeChecks } =
    options;
  const locks = locksOf(lock, lockShared);
  const checks = check ?? [];
  const removed = Object.fromEntries((removeLabel ?? []).map((key) => [key, null]));
  const change = {
    title: options.title,
    description,
    priority: options.priority === undefined ? undefined : priorityOf(options.priority),
    addNeeds: need,
    removeNeeds: removeNeed,
    onNeedFailure: options.onNeedFailure,
    locks: locks.length > 0 || removeLocks ? [...(removeLocks ? [] : task.locks), ...locks] : undefined,
    labels: label || removeLabel ? { ...parsePairs(label ?? [], '--label'), ...removed } : undefined,
    capabilities: capability && [...task.capabilities, ...capability],
    ai: options.ai === undefined ? undefined : options.ai === 'any' ? null : options.ai,
    checks: checks.length > 0 || removeChecks ? [...(removeChecks ? [] : task.checks), ...checks] : undefined,
    maxAttempts:
      options.maxAttempts === undefined ? undefined : parseInteger(options.maxAttempts, '--max-attempts', 1, 100),
    timeoutMs: options.timeout === undefined ? undefined : parseDuration(options.timeout),
    budget: budgetOf(options),
    notBefore: options.notBefore === undefined ? undefined : parseTime(options.notBefore, systemClock.now()),
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as TaskChange;
}

export async function cancel(
  io: Io,
  prefix: string,
  options: CommonOptions & { reason?: string; force?: boolean },
): Promise<void> {
  const outcome = await withSignalbox(io, options, async (box) => {
    const { reason, force = false } = options;
    return cancelTask(box, await box.tasks.resolve(prefix), { ...(reason === undefined ? {} : { reason }), force });
  });
  print(io, options, outcome.task, (after) => {
    const told = describeTask(after, io);
    if (outcome.status !== 'requested') return told;
    const holder = outcome.task.lease?.holder ?? 'its holder';
    const note = `${holder} is told to stop with its next heartbeat; then the task is cancelled. --force does not wait.`;
    return `${told}\n${wrapText(note, io.columns, 0)}`;
  });
}

export async function revert(io: Io, prefix: string, options: CommonOptions): Promise<void> {
  const report = await withSignalbox(io, options, async (box) => {
    const task = await mustGet(box, await box.tasks.resolve(prefix));
    return revertLanding(box, createGit(box.store.paths.root, io.environment), task);
  });
  print(io, options, report, ({ task, reverted, commit }) =>
    wrapText(
      `Took ${reverted.slice(0, 12)} of ${task} back from the integration branch, which is now at ${commit.slice(0, 12)}. Your own branch has not moved: \`signalbox land\`.`,
      io.columns,
      2,
    ),
  );
}

export async function retry(io: Io, prefix: string, options: CommonOptions): Promise<void> {
  const task = await withSignalbox(io, options, async (box) => retryTask(box, await box.tasks.resolve(prefix)));
  print(io, options, task, (after) => describeTask(after, io));
}
