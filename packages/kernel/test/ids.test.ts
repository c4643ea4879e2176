import { describe, expect, it } from '@jest/globals';
import { createIds, randomToken } from '../src/index.js';
import { createStillClock } from './support/still-clock.js';

const isSorted = (ids: readonly string[]): boolean => ids.every((id, i) => i === 0 || String(ids[i - 1]) < id);

describe('createIds', () => {
  it('makes a prefix and seventeen characters without i, l, o or u', () => {
    const id = createIds(createStillClock(1_767_225_600_000))('tsk');
    expect(id).toMatch(/^tsk_[0-9abcdefghjkmnpqrstvwxyz]{17}$/);
  });

  it('spells the time in the first nine characters', () => {
    const ids = createIds(createStillClock(33), () => new Uint8Array(5));
    expect(ids('a')).toBe('a_00000001100000000');
  });

  it('never repeats an id and keeps their order within one millisecond', () => {
    const ids = createIds(createStillClock(1000));
    const made = Array.from({ length: 5000 }, () => ids('x'));
    expect(new Set(made).size).toBe(made.length);
    expect(isSorted(made)).toBe(true);
  });

  it('keeps the order while the clock goes forward, stands and steps back', () => {
    const clock = createStillClock(1000);
    const ids = createIds(clock);
    const made = [0, 1, 0, -500, 3, -2, 10_000, -10_000].flatMap((step) => {
      clock.time += step;
      return [ids('x'), ids('x')];
    });
    expect(isSorted(made)).toBe(true);
  });

  it('goes on in the next millisecond when the chance part is used up', () => {
    const clock = createStillClock(5);
    const ids = createIds(clock, () => new Uint8Array(5).fill(0xff));
    const made = [ids('x'), ids('x')];
    clock.time = 6;
    made.push(ids('x'));
    expect(made).toEqual(['x_000000005zzzzzzzz', 'x_00000000600000000', 'x_00000000600000001']);
  });

  it('does not take the same chance part twice', () => {
    const clock = createStillClock(5);
    const first = createIds(clock)('x');
    expect(createIds(clock)('x')).not.toBe(first);
  });
});

describe('randomToken', () => {
  it('has 128 bits of chance', () => {
    const tokens = Array.from({ length: 100 }, () => randomToken('lse'));
    expect(new Set(tokens).size).toBe(100);
    for (const token of tokens) expect(token).toMatch(/^lse_[0-9a-f]{32}$/);
  });
});
