import type { Clock } from '@signalbox/kernel';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /**
   * Moves both times forward by `ms` and fires what falls due, in order of time and then of creation, each at its own time.
   * Await it: promise callbacks and ready I/O run after each timer, so a timer set by such a callback fires too when due.
   */
  advance(ms: number): Promise<void>;
  /** Steps the wall clock by `ms` (may be negative), as NTP or a user would. No timer fires: timers follow monotonic time. */
  jump(ms: number): void;
  /** How many timers are set. Lets a test see that a wait has begun. */
  pending(): number;
}

interface Timer {
  at: number;
  order: number;
  callback: () => void;
}

/** Where a fake clock starts unless told: 2026-01-01T00:00:00.000Z. */
export const FAKE_START = 1_767_225_600_000;

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Creates a clock at `start`, in milliseconds since the epoch. Monotonic time starts at 0. */
export function createFakeClock(start: number = FAKE_START): FakeClock {
  const timers = new Set<Timer>();
  let wall = start;
  let elapsed = 0;
  let created = 0;

  const moveTo = (at: number): void => {
    wall += at - elapsed;
    elapsed = at;
  };
  const nextDue = (until: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.at > until) continue;
      if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  };

  return {
    now: () => wall,
    monotonic: () => elapsed,
    after(delayMs, callback) {
      const timer: Timer = { at: elapsed + Math.max(0, delayMs), order: created++, callback };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    async advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`advance takes 0 or more milliseconds, not ${ms}; jump goes back.`);
      const target = elapsed + ms;
      for (let timer = nextDue(target); timer; timer = nextDue(target)) {
        timers.delete(timer);
        moveTo(Math.max(elapsed, timer.at));
        timer.callback();
        await settle();
      }
      moveTo(Math.max(elapsed, target));
      await settle();
    },
    jump(ms) {
      wall += ms;
    },
    pending: () => timers.size,
  };
}
