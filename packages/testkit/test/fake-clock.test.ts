import { describe, expect, it } from '@jest/globals';
import { sleep } from '@signalbox/kernel';
import { createFakeClock, FAKE_START } from '../src/index.js';

describe('a fake clock', () => {
  it('stands still until it is moved', () => {
    const clock = createFakeClock();
    expect([clock.now(), clock.monotonic()]).toEqual([FAKE_START, 0]);
    expect(createFakeClock(5).now()).toBe(5);
  });

  it('fires due timers in order, each at its own time', async () => {
    const clock = createFakeClock(0);
    const fired: string[] = [];
    clock.after(20, () => fired.push(`b@${clock.now()}`));
    clock.after(10, () => fired.push(`a@${clock.now()}`));
    clock.after(20, () => fired.push(`c@${clock.now()}`));
    clock.after(99, () => fired.push('never'));
    await clock.advance(50);
    expect(fired).toEqual(['a@10', 'b@20', 'c@20']);
    expect(clock.monotonic()).toBe(50);
    expect(clock.pending()).toBe(1);
  });

  it('fires timers that a promise callback of an earlier timer has set', async () => {
    const clock = createFakeClock(0);
    const seen: number[] = [];
    const work = (async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(clock, 10);
        seen.push(clock.now());
      }
    })();
    await clock.advance(30);
    await work;
    expect(seen).toEqual([10, 20, 30]);
  });

  it('does not fire a cancelled timer, and cancelling twice is harmless', async () => {
    const clock = createFakeClock();
    const cancel = clock.after(1, () => {
      throw new Error('fired');
    });
    cancel();
    cancel();
    await clock.advance(5);
    expect(clock.pending()).toBe(0);
  });

  it('jumps the wall clock without touching monotonic time or timers', async () => {
    const clock = createFakeClock(1000);
    let fired = false;
    clock.after(10, () => {
      fired = true;
    });
    clock.jump(-900);
    clock.jump(50);
    expect([clock.now(), clock.monotonic(), fired]).toEqual([150, 0, false]);
  });

  it('refuses to advance backwards', async () => {
    await expect(createFakeClock().advance(-1)).rejects.toThrow(RangeError);
  });
});
