import { describe, expect, it } from '@jest/globals';
import { checkGlob, globsOverlap, matchesGlob, parseGlob } from '../../src/glob/index.js';
import { createRandom, type Random } from '../random.js';

const overlap = (a: string, b: string): boolean => globsOverlap(parseGlob(a), parseGlob(b));

describe('globsOverlap', () => {
  it.each([
    ['src/**', 'src/a/b.ts', true],
    ['src/**', 'src', false],
    ['src/**', 'srcx/a', false],
    ['*.ts', '*.js', false],
    ['a*', '*b', true],
    ['**/x', 'a/**', true],
    ['**/test/**', 'src/**/*.ts', true],
    ['[a-m]*', '[n-z]*', false],
    ['[!a]', 'a', false],
    ['?', '*', true],
    ['?', '??', false],
    ['a/*', 'a/*/*', false],
    ['{a,b}/**', '{b,c}/x', true],
    ['{a,b}/**', '{c,d}/x', false],
    ['a/**/b', 'a/b', true],
    ['**', '**', true],
    ['a/**/**', 'a/*', true],
    ['*a*a*a', '*b*b*', true],
  ])('%s and %s: %p', (a, b, expected) => {
    expect(overlap(a, b)).toBe(expected);
    expect(overlap(b, a)).toBe(expected);
  });

  it('agrees with enumeration of small paths for 24,000 random pairs', () => {
    const random = createRandom(20261);
    expectAgreement(random, 24_000, smallPaths(), () => randomPattern(random));
  }, 60_000);

  it('agrees with enumeration of small segments for 12,000 random pairs', () => {
    const random = createRandom(7);
    expectAgreement(random, 12_000, smallSegments(8), () => randomSegment(random, 4));
  }, 60_000);

  it('stays polynomial on patterns made to explode', () => {
    const start = performance.now();
    expect(overlap(`${'*a'.repeat(40)}x`, `${'*b'.repeat(40)}y`)).toBe(false);
    expect(
      overlap(`${'{a,b}'.repeat(8)}/${'**/a*/'.repeat(20)}x`, `${'{b,c}'.repeat(8)}/${'**/*b/'.repeat(20)}y`),
    ).toBe(false);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('takes no more than some seconds for the longest patterns there are', () => {
    const start = performance.now();
    for (const stars of [1, 10, 20, 100, 200]) {
      const longest = `*${'?'.repeat(1000 / stars)}`.repeat(stars).slice(0, 1000);
      expect(overlap(`${longest}[xz]`, `${longest}[y]`)).toBe(false);
    }
    // Generous, because coverage and other suites share the processor; what is exponential would take years.
    expect(performance.now() - start).toBeLessThan(60_000);
  });
});

function expectAgreement(random: Random, pairs: number, universe: readonly string[], next: () => string): void {
  const patterns = Array.from({ length: 500 }, next).filter((each) => checkGlob(each) === null);
  const matched = new Map(patterns.map((each) => [each, matchSet(each, universe)]));
  let overlapping = 0;
  for (let i = 0; i < pairs; i++) {
    const a = random.pick(patterns);
    const b = random.pick(patterns);
    const expected = intersects(matched.get(a) as Uint8Array, matched.get(b) as Uint8Array);
    if (overlap(a, b) !== expected) throw new Error(`${a} and ${b}: enumeration says ${expected}`);
    if (expected) overlapping++;
  }
  expect(overlapping).toBeGreaterThan(pairs / 20);
  expect(overlapping).toBeLessThan(pairs * 0.95);
}

// Every class in the random patterns holds "a" or "b", so these two characters stand for all. Random patterns have at most
// three segments of at most two positions, so two that overlap do so on a path of at most four segments (two fixed ones of
// each, around a globstar) of at most two characters.
function smallPaths(): string[] {
  const segments = smallSegments(2);
  let last = segments;
  const paths = [...segments];
  for (let depth = 2; depth <= 4; depth++) {
    last = last.flatMap((path) => segments.map((segment) => `${path}/${segment}`));
    paths.push(...last);
  }
  return paths;
}

function smallSegments(maxLength: number): string[] {
  const all: string[] = [];
  let last = [''];
  for (let length = 1; length <= maxLength; length++) {
    last = last.flatMap((head) => [`${head}a`, `${head}b`]);
    all.push(...last);
  }
  return all;
}

function matchSet(pattern: string, universe: readonly string[]): Uint8Array {
  const glob = parseGlob(pattern);
  return Uint8Array.from(universe, (path) => (matchesGlob(glob, path) ? 1 : 0));
}

function intersects(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] === 1 && b[i] === 1) return true;
  return false;
}

function randomSegment(random: Random, maxAtoms: number): string {
  const atoms = ['a', 'b', '?', '*', '[ab]', '[!a]', '{a,b}', '{a,}', '[a-z]', '[!c]'];
  return Array.from({ length: 1 + random.below(maxAtoms) }, () => random.pick(atoms)).join('');
}

function randomPattern(random: Random): string {
  const segment = (): string => (random.below(5) === 0 ? '**' : randomSegment(random, 2));
  const pattern = Array.from({ length: 1 + random.below(3) }, segment).join('/');
  return random.below(8) === 0 ? `{${pattern},${segment()}}` : pattern;
}
