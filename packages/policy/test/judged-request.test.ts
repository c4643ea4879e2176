import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from '@signalbox/kernel';
import { createRandom, type Random } from '@signalbox/testkit';
import type { PolicyRequest } from '../src/index.js';
import { copyRequest } from '../src/judged-request.js';

const KEYS = [
  'a',
  'b',
  'z',
  'A',
  '',
  '10',
  '9',
  '01',
  'é',
  '\u{1f600}',
  '\ufffd',
  '__proto__',
  'constructor',
  'toJSON',
];
const copy = (value: unknown) => copyRequest(value as PolicyRequest);

function randomValue(random: Random, depth: number): unknown {
  const kind = random.below(depth > 0 ? 8 : 6);
  if (kind === 0) return random.pick([0, -0, 1.5, 1e21, -1e-7, Number.MAX_SAFE_INTEGER]);
  if (kind === 1) return random.below(2) === 0;
  if (kind === 2) return null;
  if (kind <= 5) return random.pick(['', 'x', '"\\\n', '\u2028', 'é', '\u{1f600}']);
  const size = random.below(4);
  if (kind === 6) return Array.from({ length: size }, () => randomValue(random, depth - 1));
  return Object.fromEntries(Array.from({ length: size }, () => [random.pick(KEYS), randomValue(random, depth - 1)]));
}

describe('the copy of a request', () => {
  it('has canonical JSON as its text, and says the same as its text', () => {
    const random = createRandom(21);
    for (let round = 0; round < 3000; round++) {
      const value = { value: randomValue(random, 4), [random.pick(KEYS)]: 1 };
      const { copy: made, text } = copy(value);
      expect(text).toBe(canonicalJson(value));
      expect(canonicalJson(made)).toBe(text);
    }
  });

  it('shares nothing with the request and leaves out what is undefined', () => {
    const request = { a: { b: ['c'] }, d: undefined };
    const { copy: made } = copy(request);
    request.a.b.push('later');
    expect(made).toEqual({ a: { b: ['c'] } });
    expect(Object.keys(made)).toEqual(['a']);
  });

  it.each([
    ['a number that is not finite', { a: Number.NaN }],
    ['half a surrogate pair', { a: '\ud800' }],
    ['half a surrogate pair as a name', { '\ud800': 1 }],
    ['an instance of a class', { a: new Map() }],
    ['a function', { a: () => 1 }],
    ['a hole', { a: [undefined] }],
    ['a circle', circle()],
  ])('is refused if the request holds %s', (_what, value) => {
    expect(() => copy(value)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }));
  });
});

function circle(): unknown {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}
