import type { Clock } from '@signalbox/kernel';

/** A clock that goes as fast as it is told, so that a limit of an hour takes moments and a grace is never missed. */
export interface DrivenClock extends Clock {
  /** Times real time; 0 stands still. Begins with 1. */
  setSpeed(speed: number): void;
  /** Moves on at once by `ms` and fires what falls due. */
  advance(ms: number): void;
  /** Stops for good. What is set then never fires. */
  close(): void;
}

interface Timer {
  at: number;
  callback: () => void;
}

const TICK_MS = 10;

/**
 * Creates a clock that `real` drives in ticks of 10 ms. Ticks and not durations are counted: a machine that stands still for a
 * second has its clock stand still with it, so that no limit is passed in that time.
 */
export function createDrivenClock(real: Clock): DrivenClock {
  const start = real.now();
  const timers = new Set<Timer>();
  let elapsed = 0;
  let speed = 1;
  let cancelTick = (): void => {};

  const nextDue = (until: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) if (timer.at <= until && (!next || timer.at < next.at)) next = timer;
    return next;
  };
  const advance = (ms: number): void => {
    const target = elapsed + ms;
    for (let timer = nextDue(target); timer; timer = nextDue(target)) {
      timers.delete(timer);
      elapsed = Math.max(elapsed, timer.at);
      timer.callback();
    }
    elapsed = target;
  };
  const tick = (): void => {
    advance(TICK_MS * speed);
    cancelTick = real.after(TICK_MS, tick);
  };
  cancelTick = real.after(TICK_MS, tick);

  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    after(delayMs, callback) {
      const timer: Timer = { at: elapsed + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    setSpeed(times) {
      speed = times;
    },
    advance,
    close: () => cancelTick(),
  };
}
