import { describe, expect, it } from '@jest/globals';
import { parseTestReport } from '../../src/evidence/collectors/index.js';
import { codeOf, figures, fixture, inChunks } from './reading-reports.js';

describe('TAP', () => {
  const tap = (...lines: string[]): string => `${lines.join('\n')}\n`;

  it('is read whatever the chunks are, with noise between the lines', async () => {
    const text = tap(
      'TAP version 14',
      'noise',
      'ok 1 - grün # SKIP wegen Ümlaut',
      'not ok 2 - b',
      '  ---',
      '  message: "no"',
      '  at:',
      '    line: 1',
      '  ...',
      '1..2',
      '# end',
    );
    const whole = await parseTestReport(text, 'tap');
    expect(await parseTestReport(inChunks(text), 'tap')).toEqual(whole);
    expect(whole.tests).toEqual([
      { name: 'grün', suite: '', status: 'skipped', message: 'wegen Ümlaut' },
      { name: 'b', suite: '', status: 'failed', message: 'no' },
    ]);
  });

  it('counts only points without others below them, and a parent that failed by itself', async () => {
    const text = tap(
      '# Subtest: a',
      '    ok 1 - x',
      '    # Subtest: b',
      '        ok 1 - y',
      '        1..1',
      '    ok 2 - b',
      '    1..2',
      'not ok 1 - a',
      '1..1',
    );
    const report = await parseTestReport(text, 'tap');
    expect(report.tests.map(({ name, suite, status }) => [suite, name, status])).toEqual([
      ['a', 'x', 'passed'],
      ['a > b', 'y', 'passed'],
      ['', 'a', 'failed'],
    ]);
  });

  it('takes a failed todo for skipped, and a plan of none for an empty report', async () => {
    expect(figures(await parseTestReport(tap('1..1', 'not ok 1 a # todo later'), 'tap'))).toEqual(['tap', 1, 0, 0, 1]);
    expect(figures(await parseTestReport(tap('1..0 # skip nothing here'), 'tap'))).toEqual(['tap', 0, 0, 0, 0]);
  });

  it('keeps escaped marks in names', async () => {
    const report = await parseTestReport(tap('ok 1 - a \\# todo b \\\\ c', 'ok 2', '1..2'), 'tap');
    expect(report.tests.map(({ name, status }) => [name, status])).toEqual([
      ['a # todo b \\ c', 'passed'],
      ['', 'passed'],
    ]);
  });

  it('makes a failed test of a bail-out', async () => {
    const report = await parseTestReport(tap('1..9', 'ok 1 - a', 'Bail out! no database', 'ok 2'), 'tap');
    expect(report.tests.at(-1)).toEqual({ name: 'Bail out!', suite: '', status: 'failed', message: 'no database' });
  });

  it.each([
    ['nothing at all', [''], 'REPORT_TRUNCATED'],
    ['no plan', ['ok 1 - a'], 'REPORT_TRUNCATED'],
    ['fewer tests than planned', ['1..2', 'ok 1'], 'REPORT_TRUNCATED'],
    ['an open subtest', ['1..1', '    ok 1 - a', '    1..1'], 'REPORT_TRUNCATED'],
    ['an open diagnostic block', ['1..1', 'ok 1 - a', '  ---', '  x: 1'], 'REPORT_TRUNCATED'],
    ['a diagnostic block that ends by itself', ['ok 1 - a', '  ---', 'ok 2', '1..2'], 'REPORT_MALFORMED'],
    ['more tests than planned', ['1..1', 'ok 1', 'ok 2'], 'REPORT_CONTRADICTORY'],
    ['a number twice', ['1..2', 'ok 1', 'ok 1'], 'REPORT_CONTRADICTORY'],
    ['a number out of the plan', ['1..2', 'ok 1', 'ok 3'], 'REPORT_CONTRADICTORY'],
    ['the number 0', ['1..2', 'ok 0', 'ok 1'], 'REPORT_CONTRADICTORY'],
    ['two plans', ['1..1', 'ok 1', '1..1'], 'REPORT_CONTRADICTORY'],
    [
      'a parent that passed over a failure',
      ['    not ok 1 - x', '    1..1', 'ok 1 - a', '1..1'],
      'REPORT_CONTRADICTORY',
    ],
    ['counts of its own that do not fit', ['ok 1', '1..1', '# tests 2'], 'REPORT_CONTRADICTORY'],
    ['a subtest without a result', ['    ok 1', '    1..1', '1..0'], 'REPORT_MALFORMED'],
    ['a subtest in braces', ['ok 1 - a {', '    ok 1', '    1..1', '}', '1..1'], 'REPORT_MALFORMED'],
  ])('is refused with %s', async (_, lines, code) => {
    expect(await codeOf(tap(...lines), 'tap')).toBe(code);
  });

  it('is refused when it nests too deep, is too long, or has too many tests', async () => {
    const deep = Array.from({ length: 100 }, (_, i) => `${' '.repeat(4 * i)}ok 1 - x`);
    expect(await codeOf(tap(...deep), 'tap')).toBe('REPORT_FORBIDDEN');
    expect(await codeOf(tap('ok 1', 'ok 2', 'ok 3', '1..3'), 'tap', { tests: 2 })).toBe('REPORT_TOO_LARGE');
    expect(await codeOf('x'.repeat(100), 'tap', { bytes: 99 })).toBe('REPORT_TOO_LARGE');
    expect(await codeOf(Buffer.from([0xff, 0xfe]), 'tap')).toBe('REPORT_MALFORMED');
  });

  it('is found cut off at every line of a real report', async () => {
    const lines = fixture('node-test.tap').trimEnd().split('\n');
    const plan = lines.findIndex((line) => line.startsWith('1..'));
    for (let end = 0; end < plan; end++) {
      expect(`${end} ${await codeOf(lines.slice(0, end).join('\n'), 'tap')}`).not.toContain('read');
    }
  });
});
