import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '@signalbox/testkit';
import type { Failure } from '../src/index.js';
import { createStopping } from '../src/stopping.js';
import { createWatchdogs } from '../src/watchdogs.js';

const limits = { wallMs: 100_000, idleMs: 20_000, startMs: 10_000 };

function watch() {
  const clock = createFakeClock();
  const failures: Failure[] = [];
  return { clock, failures, dogs: createWatchdogs(clock, limits, (failure) => failures.push(failure)) };
}

describe('the watchdogs', () => {
  it('bite once', async () => {
    const { clock, failures } = watch();
    await clock.advance(200_000);
    expect(failures).toEqual([{ class: 'stalled', message: 'The agent was not up after 10 s.' }]);
    expect(clock.pending()).toBe(0);
  });

  it('are held off by signs of life until the wall-clock limit', async () => {
    const { clock, failures, dogs } = watch();
    dogs.started();
    for (let i = 0; i < 10; i++) {
      dogs.sign();
      await clock.advance(10_000);
    }
    expect(failures.map((failure) => failure.class)).toEqual(['timeout']);
    dogs.sign();
    expect(clock.pending()).toBe(0);
  });

  it('do not count silence while somebody decides', async () => {
    const { clock, failures, dogs } = watch();
    dogs.started();
    dogs.pause();
    dogs.pause();
    dogs.resume();
    dogs.sign();
    await clock.advance(50_000);
    expect(failures).toEqual([]);
    dogs.resume();
    await clock.advance(20_000);
    expect(failures.map((failure) => failure.class)).toEqual(['stalled']);
  });
});

describe('the reason to stop', () => {
  it('is the first one, and cancelled when the signal names none', () => {
    const controller = new AbortController();
    let stops = 0;
    const stopping = createStopping(controller.signal, () => stops++);
    expect(stopping.reason()).toBeNull();
    controller.abort();
    stopping.ask({ class: 'timeout', message: 'late' });
    expect([stopping.reason()?.class, stops]).toEqual(['cancelled', 1]);
  });
});
