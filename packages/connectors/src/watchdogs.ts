import type { Clock } from '@signalbox/kernel';
import type { Failure } from './contract.js';

/** The three limits of a run. Each expires at most once; only the first counts. */
export interface Watchdogs {
  /** The agent is up: the start limit no longer applies. */
  started(): void;
  /** A sign of life. */
  sign(): void;
  /** While someone else is thinking, such as a person over an approval, silence is no stall. Calls nest. */
  pause(): void;
  resume(): void;
  close(): void;
}

interface Limits {
  wallMs: number;
  idleMs: number;
  /** Absent: there is nothing to wait for at the start. */
  startMs?: number;
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** Sets the limits running. `expire` is called with the failure of the first that is passed. */
export function createWatchdogs(clock: Clock, limits: Limits, expire: (failure: Failure) => void): Watchdogs {
  let pauses = 0;
  let closed = false;
  const nothing = (): void => {};
  const bite = (failure: Failure): void => {
    close();
    expire(failure);
  };
  const stalled = (message: string) => (): void => bite({ class: 'stalled', message });
  const watchIdle = (): (() => void) =>
    clock.after(limits.idleMs, stalled(`The agent showed no sign of life for ${seconds(limits.idleMs)}.`));

  const cancelWall = clock.after(limits.wallMs, () =>
    bite({ class: 'timeout', message: `The time limit of ${seconds(limits.wallMs)} was reached.` }),
  );
  let cancelStart =
    limits.startMs === undefined
      ? nothing
      : clock.after(limits.startMs, stalled(`The agent was not up after ${seconds(limits.startMs)}.`));
  let cancelIdle = watchIdle();
  function close(): void {
    closed = true;
    for (const cancel of [cancelWall, cancelStart, cancelIdle]) cancel();
  }
  const restart = (): void => {
    cancelIdle();
    if (!closed && pauses === 0) cancelIdle = watchIdle();
  };
  return {
    started() {
      cancelStart();
      cancelStart = nothing;
    },
    sign: restart,
    pause() {
      pauses++;
      cancelIdle();
    },
    resume() {
      pauses--;
      restart();
    },
    close,
  };
}
