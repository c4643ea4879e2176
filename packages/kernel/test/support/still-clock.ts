import type { Clock } from '../../src/index.js';

export interface StillClock extends Clock {
  /** What `now` returns. */
  time: number;
  /** The timers that are set and neither fired nor cancelled. */
  timers: Set<() => void>;
}

/** A clock that tests set by hand. The kernel's own tests cannot use testkit, which is built on the kernel. */
export function createStillClock(time = 0): StillClock {
  const timers = new Set<() => void>();
  return {
    time,
    timers,
    now() {
      return this.time;
    },
    monotonic: () => 0,
    after(_delayMs, callback) {
      timers.add(callback);
      return () => void timers.delete(callback);
    },
  };
}
