import {
  addLockByHand,
  completeByHand,
  failByHand,
  type LockRequest,
  renewByHand,
  requestLock,
  requeueByHand,
  type Signalbox,
  settleByHand,
  startByHand,
} from '@signalbox/runtime';
import { FAILURE_CLASSES, type FailureClass, type Task } from '@signalbox/runtime/project';
import { CliError, usage } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseDuration } from '../../parse.js';
import { print } from '../../terminal/print.js';
import { withSignalbox } from '../../with-signalbox.js';
import { describeTask } from './describe.js';

export interface HoldOptions extends CommonOptions {
  lease?: string;
}

type Ref = { task: string; lease: string };
type Hold = Pick<Signalbox, 'tasks' | 'door' | 'actor'>;

async function withHeld(
  io: Io,
  prefix: string,
  options: HoldOptions,
  work: (box: Signalbox & Hold, ref: Ref) => Promise<Task>,
): Promise<Task> {
  const lease = options.lease ?? io.environment['SIGNALBOX_LEASE'];
  if (!lease)
    throw usage('A lease is missing.', 'Give the one that `task claim` returned with --lease or SIGNALBOX_LEASE.');
  const task = await withSignalbox(io, options, async (box) =>
    work(box, { task: await box.tasks.resolve(prefix), lease }),
  );
  print(io, options, task, (after) => describeTask(after, io));
  return task;
}

export async function start(io: Io, prefix: string, options: HoldOptions): Promise<void> {
  await withHeld(io, prefix, options, (box, ref) => startByHand(box, ref, box.store.ids('att')));
}

export async function heartbeat(io: Io, prefix: string, options: HoldOptions): Promise<void> {
  await withHeld(io, prefix, options, (box, ref) => renewByHand(box, ref));
}

export async function release(io: Io, prefix: string, options: HoldOptions): Promise<void> {
  await withHeld(io, prefix, options, (box, ref) => settleByHand(box, ref, 'task.release', { kind: 'release' }));
}

export async function addLock(
  io: Io,
  prefix: string,
  glob: string,
  options: HoldOptions & { shared?: boolean; wait?: string },
): Promise<void> {
  const lock = { glob, mode: options.shared ? ('shared' as const) : ('exclusive' as const) };
  const isHeld = options.lease !== undefined || io.environment['SIGNALBOX_LEASE'];
  const task = isHeld ? null : await askForLock(io, prefix, lock, options);
  if (task) return print(io, options, task, (after) => describeTask(after, io));
  await withHeld(io, prefix, options, (box, ref) => addLockByHand(box, ref, lock));
}

/** For an agent at work, which has no lease to show. Null: this process was not started by one. */
async function askForLock(
  io: Io,
  prefix: string,
  lock: LockRequest['lock'],
  options: CommonOptions & { wait?: string },
): Promise<Task | null> {
  return withSignalbox(io, options, async (box) => {
    const { attempt, signal } = { attempt: box.attempt, signal: io.signal };
    if (attempt === null) return null;
    const waitMs = options.wait === undefined ? 0 : parseDuration(options.wait);
    const task = await box.tasks.resolve(prefix);
    return requestLock({ ...box, clock: box.store.clock }, { task, lock, attempt, waitMs, signal });
  });
}

export async function complete(io: Io, prefix: string, options: HoldOptions & { verify?: boolean }): Promise<number> {
  const task = await withHeld(io, prefix, options, async (box, ref) => {
    const noVerify = options.verify === false;
    const request = { actor: box.actor, ref, folder: io.cwd, noVerify, signal: io.signal };
    const result = await completeByHand(box.executor, request);
    if (result.status === 'settled') return result.task;
    throw new CliError({
      code: 'CHECKS_FAILED',
      message: result.message,
      hint: 'You still hold the task: mend it and complete it again.',
    });
  });
  return task.status === 'blocked' ? EXIT.waiting : EXIT.done;
}

export async function fail(
  io: Io,
  prefix: string,
  options: HoldOptions & { reason?: string; class?: string },
): Promise<void> {
  const kind = options.class ?? 'agent_error';
  if (!(FAILURE_CLASSES as readonly string[]).includes(kind)) {
    throw usage(`There is no failure class "${kind}".`, `Use one of: ${FAILURE_CLASSES.join(', ')}.`);
  }
  const failure = { class: kind as FailureClass, message: options.reason ?? 'The holder gave no reason.' };
  await withHeld(io, prefix, options, (box, ref) => failByHand(box, ref, failure));
}

export async function requeue(io: Io, prefix: string, options: CommonOptions): Promise<void> {
  const task = await withSignalbox(io, options, async (box) => requeueByHand(box, await box.tasks.resolve(prefix)));
  print(io, options, task, (after) => describeTask(after, io));
}
