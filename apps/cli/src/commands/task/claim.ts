import { sleep, systemClock } from '@signalbox/kernel';
import { type Claimed, claimThroughDoor, RuntimeError, type Signalbox } from '@signalbox/runtime';
import { DEFAULT_TTL_MS } from '@signalbox/runtime/project';
import { CliError, usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseDuration } from '../../parse.js';
import { print } from '../../terminal/print.js';
import { withSignalbox } from '../../with-signalbox.js';
import { describeTask } from './describe.js';

export interface ClaimOptions extends CommonOptions {
  as: string;
  ttl?: string;
  wait?: boolean;
}

const POLL_MS = 500;
const MAX_HOLDER = 100;
/** Refusals that pass by themselves. */
const PASSING = new Set(['NOTHING_READY', 'ALREADY_CLAIMED', 'LOCKED', 'BLOCKED', 'DELAYED']);

export async function claim(io: Io, prefix: string | undefined, options: ClaimOptions): Promise<void> {
  if (options.as.trim() === '' || options.as.length > MAX_HOLDER) {
    throw usage(`--as takes a name of at most ${MAX_HOLDER} characters.`, 'Say who takes it, such as --as ana.');
  }
  const ttlMs = options.ttl === undefined ? DEFAULT_TTL_MS : parseDuration(options.ttl);
  const claimed = await withSignalbox(io, options, async (box) => {
    const task = prefix === undefined ? {} : { task: await box.tasks.resolve(prefix) };
    const intent = { actor: box.actor, action: 'task.claim' as const, holder: options.as, ttlMs, ...task };
    return options.wait ? waitFor(io, box, intent) : claimThroughDoor(box.tasks, box.door, intent);
  });
  const { id, fence, holder, expiresAt } = claimed.lease;
  print(io, options, { task: claimed.task, lease: { id, fence, holder, expiresAt } }, ({ task, lease }) =>
    [
      describeTask(task, io),
      '',
      `Lease ${lease.id}, until ${lease.expiresAt}. Every further command on this task needs it:`,
      `  export SIGNALBOX_LEASE=${lease.id}`,
    ].join('\n'),
  );
}

type Intent = Parameters<typeof claimThroughDoor>[2];

async function waitFor(io: Io, box: Signalbox, intent: Intent): Promise<Claimed> {
  for (;;) {
    try {
      return await claimThroughDoor(box.tasks, box.door, intent);
    } catch (error) {
      if (!(error instanceof RuntimeError) || !PASSING.has(error.code)) throw error;
    }
    await sleep(systemClock, POLL_MS, io.signal);
    if (io.signal.aborted) {
      throw new CliError({ code: 'INTERRUPTED', message: 'Interrupted.', hint: 'Nothing was claimed.' });
    }
  }
}
