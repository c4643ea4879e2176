import { describe, expect, it } from '@jest/globals';
import { isoTime, sleep, systemClock } from '../src/index.js';
import { createStillClock } from './support/still-clock.js';

const fireAll = (timers: Set<() => void>): void => {
  for (const fire of timers) fire();
};

describe('sleep', () => {
  it('ends when the clock says so', async () => {
    const clock = createStillClock();
    const slept = sleep(clock, 50);
    expect(clock.timers.size).toBe(1);
    fireAll(clock.timers);
    await slept;
  });

  it('ends at once when it is called with an aborted signal, without setting a timer', async () => {
    const clock = createStillClock();
    await sleep(clock, 50, AbortSignal.abort());
    expect(clock.timers.size).toBe(0);
  });

  it('ends and takes its timer back when the signal aborts', async () => {
    const clock = createStillClock();
    const controller = new AbortController();
    const slept = sleep(clock, 50, controller.signal);
    controller.abort();
    await slept;
    expect(clock.timers.size).toBe(0);
  });

  it('no longer listens to the signal once it is over', async () => {
    const clock = createStillClock();
    const controller = new AbortController();
    const slept = sleep(clock, 50, controller.signal);
    fireAll(clock.timers);
    await slept;
    controller.abort(); // would cancel and resolve again, which must be harmless
    expect(controller.signal.aborted).toBe(true);
  });
});

describe('systemClock', () => {
  it('gives the time of the machine, and time that never goes back', () => {
    const before = Date.now();
    const now = systemClock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
    const start = systemClock.monotonic();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(start);
  });

  it('calls back once, and not after it was cancelled', async () => {
    const calls: string[] = [];
    const cancel = systemClock.after(0, () => calls.push('cancelled'));
    cancel();
    cancel();
    await new Promise<void>((resolve) => systemClock.after(0, resolve));
    expect(calls).toEqual([]);
  });
});

describe('isoTime', () => {
  it('is in UTC with milliseconds', () => {
    expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(isoTime(1_767_225_600_123)).toBe('2026-01-01T00:00:00.123Z');
  });

  it('throws for a time that cannot be written', () => {
    expect(() => isoTime(Number.NaN)).toThrow();
  });
});
