import { describe, expect, it } from '@jest/globals';
import { RuleError } from '../../src/errors.js';
import { checkGlob, parseGlob } from '../../src/glob/index.js';

describe('parseGlob', () => {
  it.each([
    ['', 'empty'],
    ['{,a}', 'empty'],
    ['/a', 'absolute'],
    ['a//b', 'empty segment'],
    ['a/', 'ends with "/"'],
    ['../a', '".." segment'],
    ['a/./b', '"." segment'],
    ['a/.{,.}', '"." segment'],
    ['a\\b', 'backslash'],
    ['a\0', 'control character'],
    ['a\nb', 'control character'],
    ['a\ud800', 'surrogate'],
    ['[a', 'never closes'],
    ['[a-', 'never closes'],
    ['[z-a]', 'backwards'],
    ['[a/b]', 'inside brackets'],
    ['{a,b', 'never closes'],
    ['a}', 'never opened'],
    ['a'.repeat(1025), 'longer than 1024'],
    ['{a,b}'.repeat(9), '256 alternatives'],
    ['{{a,b}{c,d},{e,f}}'.repeat(5), '256 alternatives'],
    [Array(65).fill('a').join('/'), '64 segments'],
  ])('refuses %j', (pattern, reason) => {
    expect(checkGlob(pattern)).toContain(reason);
    expect(() => parseGlob(pattern)).toThrow(expect.objectContaining({ code: 'GLOB_INVALID' }));
  });

  it('throws a RuleError that names the pattern and says what to do', () => {
    try {
      parseGlob('/etc');
      throw new Error('not refused');
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(RuleError);
      expect((thrown as RuleError).message).toContain('"/etc"');
      expect((thrown as RuleError).hint).toContain('relative');
    }
  });

  it.each([
    ['src/*.ts', 'src', '.ts'],
    ['src/a.ts', 'src/a.ts', 'a.ts'],
    ['**/x', '', 'x'],
    ['a/b/**', 'a/b', ''],
    ['a/b*/c', 'a', 'c'],
    ['{a,b}/c', '', 'c'],
    ['a/{b,c}/d', 'a', 'd'],
    ['a{,/b}', 'a', ''],
    ['a{,/b}.ts', '', '.ts'],
    ['a/b{c,d}', 'a', ''],
    ['a/*.{t,m}s', 'a', 's'],
    ['a/[xy]', 'a', ''],
  ])('keeps the literal ends of %s', (pattern, literalPrefix, literalSuffix) => {
    expect(checkGlob(pattern)).toBeNull();
    expect(parseGlob(pattern)).toEqual({ pattern, literalPrefix, literalSuffix });
  });

  it('shares states between alternatives, so that many braces before a long tail stay cheap', () => {
    const start = performance.now();
    parseGlob(`${'{a,b}'.repeat(8)}/${'x'.repeat(900)}`);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
