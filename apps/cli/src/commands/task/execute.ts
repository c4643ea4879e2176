import {
  acceptWork,
  type ExecuteAllSummary,
  type Execution,
  executeAll,
  executeTask,
  planExecution,
  type Signalbox,
} from '@signalbox/runtime';
import { usage } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseDollars, parseInteger } from '../../parse.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { oneLine } from '../../terminal/safe-text.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';
import { describeExecution } from './describe-execution.js';
import { createProgressView, type ProgressView } from './live-progress.js';

export interface ExecuteOptions extends CommonOptions {
  next?: boolean;
  all?: boolean;
  concurrency?: string;
  ai?: string;
  workspace?: string;
  budgetUsd?: string;
  dryRun?: boolean;
  verbose?: boolean;
}

export async function execute(io: Io, prefix: string | undefined, options: ExecuteOptions): Promise<number> {
  if (prefix !== undefined && (options.all || options.next)) {
    throw usage('A task is named, and --next or --all as well.', 'Give one of them.');
  }
  if (options.next && options.all) throw usage('--next takes one task and --all takes each.', 'Give one of them.');
  if (options.concurrency !== undefined && !options.all) {
    throw usage('--concurrency says how many of several tasks run at once, and this runs one.', 'Add --all.');
  }
  const workspace = workspaceOf(options.workspace);
  const concurrency = parseInteger(options.concurrency ?? '1', '--concurrency', 1, 64);
  const view = createProgressView(io, options.verbose === true);
  return withSignalbox(io, options, async (box) => {
    const request = {
      actor: box.actor,
      signal: io.signal,
      progress: view.on,
      ...(prefix === undefined ? {} : { task: await box.tasks.resolve(prefix) }),
      ...(options.ai === undefined ? {} : { ai: (await box.store.ais.get(options.ai)).id }),
      ...(workspace ? { workspace } : {}),
      ...(options.budgetUsd === undefined ? {} : { budget: { usd: parseDollars(options.budgetUsd, '--budget-usd') } }),
    };
    if (options.dryRun) return dryRun(io, options, box, request);
    if (options.all) return all(io, options, box, { ...request, concurrency, view });
    const execution = await executeTask(box.executor, request);
    view.end();
    print(io, options, execution, (told) => describeExecution(told, io));
    return io.signal.aborted ? interrupted(io, execution) : exitOf(execution);
  }).finally(view.end);
}

/** A person's yes to work that waits to be looked at: it lands as it is. */
export async function accept(io: Io, prefix: string, options: CommonOptions & { verbose?: boolean }): Promise<number> {
  const view = createProgressView(io, options.verbose === true);
  return withSignalbox(io, options, async (box) => {
    const task = await box.tasks.resolve(prefix);
    const execution = await acceptWork(box.executor, {
      ...{ actor: box.actor, signal: io.signal, progress: view.on, task },
    });
    view.end();
    print(io, options, execution, (told) => describeExecution(told, io));
    return io.signal.aborted ? interrupted(io, execution) : exitOf(execution);
  }).finally(view.end);
}

async function dryRun(
  io: Io,
  options: ExecuteOptions,
  box: Signalbox,
  request: { task?: string; ai?: string },
): Promise<number> {
  const plan = await planExecution(box.executor, { ...request, actor: box.actor });
  print(io, options, plan, ({ task, ai, decision, ranking }) =>
    [
      `${task.id} ${task.title}: policy says ${decision}.`,
      ai ? `It would go to ${ai}.` : 'No AI can take it.',
      ...ranking.map((each) => `  ${each.ai}: ${each.removed ?? `score ${each.score}`}`),
    ]
      .map((line) => wrapText(oneLine(line), io.columns, 4))
      .join('\n'),
  );
  return EXIT.done;
}

async function all(
  io: Io,
  options: ExecuteOptions,
  box: Signalbox,
  { view, ...request }: Omit<Parameters<typeof executeAll>[1], 'onExecution'> & { view: ProgressView },
): Promise<number> {
  const tasks = new Set<string>();
  const onExecution = (execution: Execution): void => {
    tasks.add(execution.task.id);
    view.print(() => print(io, options, execution, (told) => describeExecution(told, io)));
  };
  const summary = await executeAll(box.executor, { ...request, onExecution });
  view.end();
  print(io, options, { summary }, (told) =>
    wrapText(oneLine(describeSummary(told.summary, tasks.size)), io.columns, 2),
  );
  if (io.signal.aborted) return EXIT.interrupted;
  if (summary.failed > 0) return EXIT.failed;
  return summary.blocked > 0 || summary.left !== undefined ? EXIT.waiting : EXIT.done;
}

function describeSummary({ executed, done, failed, blocked, left }: ExecuteAllSummary, tasks: number): string {
  if (executed === 0) return '0 attempts: nothing is ready.';
  const again = tasks - done - failed - blocked;
  const attempts = `${counted(executed, 'attempt')} of ${counted(tasks, 'task')}`;
  const sum = `${attempts}: ${done} done, ${failed} failed, ${blocked} blocked, ${again} to be tried again.`;
  return left === undefined ? sum : `${sum} What is left: ${left}`;
}

function exitOf({ task, attempt }: Execution): number {
  if (task.status === 'done') return EXIT.done;
  const denied = task.status === 'blocked' && !task.blockedBy.some((block) => block.kind === 'approval');
  if (attempt.failure?.class === 'policy_denied' && denied) return EXIT.denied;
  return task.status === 'blocked' ? EXIT.waiting : EXIT.failed;
}

function interrupted(io: Io, { task }: Execution): number {
  const state = task.status === 'queued' ? 'queued again' : task.status;
  io.stderr.write(`Interrupted: ${task.id} is ${state}, and nothing of it runs any more.\n`);
  return EXIT.interrupted;
}

function workspaceOf(text: string | undefined): 'worktree' | 'in-place' | undefined {
  if (text === undefined || text === 'worktree' || text === 'in-place') return text;
  throw usage(`There is no workspace "${text}".`, 'Use worktree or in-place.');
}
