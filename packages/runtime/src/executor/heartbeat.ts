import type { Clock } from '@signalbox/kernel';
import type { Failure, LeaseRef, TaskStore } from '@signalbox/task-core';
import { recordLost } from '../tasks/entries.js';

export const EXECUTOR_TTL_MS = 120_000;
/** Also how long a task that was cancelled may run on. */
const BEAT_MS = 10_000;
/** A holder stops before the grantor would, by its own monotonic clock. */
const STOP_AT = 0.8;

const CANCELLED: Failure = { class: 'cancelled', message: 'Somebody cancelled the task.' };

export interface Heartbeat {
  /** Aborted with a `lease_lost` failure once the lease is gone, and with a `cancelled` one when the task is to be cancelled. */
  readonly signal: AbortSignal;
  stop(): void;
}

/** Renews a lease every 10 s until stopped. When renewals fail it gives up at 80 % of the lease, before another can take it. */
export function startHeartbeat(tasks: TaskStore, ref: LeaseRef, clock: Clock): Heartbeat {
  const controller = new AbortController();
  let renewedAt = clock.monotonic();
  let cancel = (): void => {};

  const lose = (message: string): void => {
    const failure: Failure = { class: 'lease_lost', message };
    controller.abort(failure);
  };
  const beat = async (): Promise<void> => {
    try {
      const outcome = await tasks.heartbeat(ref, recordLost('executor'));
      if (outcome.status === 'lease_lost') return lose('Another holder has taken the task.');
      if (outcome.cancelRequested) return controller.abort(CANCELLED);
      renewedAt = clock.monotonic();
    } catch (error) {
      if (clock.monotonic() - renewedAt >= EXECUTOR_TTL_MS * STOP_AT) {
        return lose(`The lease could not be renewed: ${error instanceof Error ? error.message : String(error)}.`);
      }
    }
    schedule();
  };
  const schedule = (): void => {
    if (!controller.signal.aborted) cancel = clock.after(BEAT_MS, () => void beat());
  };

  schedule();
  return {
    signal: controller.signal,
    stop() {
      cancel();
      cancel = () => {};
      controller.abort({ class: 'cancelled', message: 'The attempt has ended.' } satisfies Failure);
    },
  };
}
