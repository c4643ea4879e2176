import { describe, expect, it } from '@jest/globals';
import { matchesGlob, parseGlob } from '../../src/glob/index.js';

const matches = (pattern: string, path: string): boolean => matchesGlob(parseGlob(pattern), path);

describe('matchesGlob', () => {
  it.each([
    ['a', 'a'],
    ['a/b.ts', 'a/b.ts'],
    ['*', 'a'],
    ['*.ts', '.ts'],
    ['a/*', 'a/.hidden'],
    ['a?c', 'abc'],
    ['a?c', 'a😀c'],
    ['[a-c]x', 'bx'],
    ['[!a-c]x', 'dx'],
    ['[^a-c]x', 'dx'],
    ['[]a]x', ']x'],
    ['[a-]x', '-x'],
    ['[*]', '*'],
    ['{a,b}/c', 'b/c'],
    ['{a,b{c,d}}.ts', 'bd.ts'],
    ['{a/b,c}/d', 'a/b/d'],
    ['a{,/b}', 'a/b'],
    ['a{,/b}', 'a'],
    ['**', 'a/b/c'],
    ['**', '.'],
    ['a/**', 'a/b/c'],
    ['**/x', 'x'],
    ['**/x', 'a/b/x'],
    ['a/**/x', 'a/x'],
    ['a/**/x', 'a/b/c/x'],
    ['**/a/**/b/**', 'q/a/b/z'],
    ['a**b', 'axxb'],
    ['a***', 'a'],
    ['{**/,}x', 'a/x'],
    ['**/.env*', '/home/ana/.env.local'],
  ])('%s matches %s', (pattern, path) => {
    expect(matches(pattern, path)).toBe(true);
  });

  it.each([
    ['a', 'A'],
    ['a', 'a/b'],
    ['*', 'a/b'],
    ['a/*', 'a'],
    ['a?c', 'a/c'],
    ['[!a]b', '/b'],
    ['a/**', 'a'],
    ['a/**', 'ab/c'],
    ['**/x', 'ax'],
    ['a/**/x', 'ax'],
    ['a**b', 'a/b'],
    ['{a,b}', 'c'],
    ['[]a]x', 'bx'],
    ['home/**', '/home/ana'],
    ['*/home', '/home'],
    ['**', ''],
    ['**', 'a//b'],
    ['a/**', 'a/'],
  ])('%s does not match %s', (pattern, path) => {
    expect(matches(pattern, path)).toBe(false);
  });

  it('takes a few milliseconds for 20 stars against 2,000 characters', () => {
    const glob = parseGlob(`${'*a'.repeat(20)}b`);
    const path = 'a'.repeat(2000);
    matchesGlob(glob, path);
    const start = performance.now();
    expect(matchesGlob(glob, path)).toBe(false);
    expect(performance.now() - start).toBeLessThan(250);
  });

  it('works on a copy of a glob', () => {
    expect(matchesGlob({ ...parseGlob('src/*.ts') }, 'src/a.ts')).toBe(true);
  });
});
