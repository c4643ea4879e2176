import { describe, expect, it } from '@jest/globals';
import { parseDuration, parseInteger, parsePairs, parseTime } from '../src/parse.js';
import { paintFor } from '../src/terminal/colour.js';
import { clip, table } from '../src/terminal/table.js';

describe('options', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ])('read %s as a duration', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '30', 'm', '-5m', '5 m', '5w', '1e3s'])('refuse "%s" as a duration', (text) => {
    expect(() => parseDuration(text)).toThrow('is not a duration');
  });

  it('read a time in ISO 8601, or as a duration from now', () => {
    expect(parseTime('2026-12-31T09:00:00+01:00', 0)).toBe('2026-12-31T08:00:00.000Z');
    expect(parseTime('10m', 1_000)).toBe('1970-01-01T00:10:01.000Z');
    expect(() => parseTime('tomorrow', 0)).toThrow('is not a time');
    expect(() => parseTime('12', 0)).toThrow('is not a time');
    expect(() => parseTime('99999999999d', 0)).toThrow('is not a time');
  });

  it('read pairs, with anything in the value', () => {
    expect(parsePairs(['a=1', 'b=x=y', 'c='], '--label')).toEqual({ a: '1', b: 'x=y', c: '' });
    expect(() => parsePairs(['a'], '--label')).toThrow('--label takes key=value, not "a"');
    expect(() => parsePairs(['=a'], '--label')).toThrow('key=value');
  });

  it('read whole numbers within their range', () => {
    expect(parseInteger('7', '--n', 1, 7)).toBe(7);
    for (const text of ['0', '8', '1.5', 'x', '', '0x1']) {
      expect(() => parseInteger(text, '--n', 1, 7)).toThrow('a whole number from 1 to 7');
    }
  });
});

describe('what a terminal gets', () => {
  it('has colours only there, and none with NO_COLOR', () => {
    expect(paintFor({ isTerminal: true, environment: {} }).bad('x')).toBe('\x1b[31mx\x1b[0m');
    expect(paintFor({ isTerminal: true, environment: { NO_COLOR: '1' } }).bad('x')).toBe('x');
    expect(paintFor({ isTerminal: true, environment: { NO_COLOR: '' } }).bold('x')).toBe('\x1b[1mx\x1b[0m');
    expect(paintFor({ isTerminal: false, environment: {} }).good('x')).toBe('x');
  });

  it('is a table as wide as the terminal, colours not counted', () => {
    const paint = paintFor({ isTerminal: true, environment: {} });
    const rows = [
      ['1', paint.good('done'), 'word '.repeat(30)],
      ['22', 'no', 'short'],
    ];
    const lines = table(['ID', 'STATUS', 'TITLE'], rows, 40).split('\n');
    expect(lines).toEqual([
      'ID  STATUS  TITLE',
      `1   ${paint.good('done')}    word word word word word wo…`,
      '22  no      short',
    ]);
  });

  it('cuts to one line and shows that it did', () => {
    expect(clip('a\n\tb', 10)).toBe('a b');
    expect(clip('abcdef', 4)).toBe('abc…');
    expect(clip('abc', 0)).toBe('…');
  });
});
