import { describe, expect, it } from '@jest/globals';
import { parseTestReport } from '../../src/evidence/collectors/index.js';
import { codeOf, figures, fixture } from './reading-reports.js';

describe('the JSON of Jest', () => {
  const change = (fields: object): string => JSON.stringify({ ...JSON.parse(fixture('jest.json')), ...fields });

  it('is read, with a file that did not load as a failure', async () => {
    const report = await parseTestReport(fixture('jest.json'), 'jest-json');
    expect(figures(report)).toEqual(['jest', 5, 1, 2, 2]);
    expect(report.tests[1]).toMatchObject({
      name: 'fails',
      suite: 'math',
      file: '/project/j/x.test.js',
      status: 'failed',
    });
    expect(report.tests[4]).toMatchObject({ name: '/project/j/y.test.js', status: 'failed' });
    expect(Date.parse(report.finishedAt ?? '')).toBeGreaterThan(Date.parse(report.startedAt ?? ''));
  });

  it.each([
    ['a failure fewer', { numFailedTests: 0 }, 'REPORT_CONTRADICTORY'],
    ['a pass more', { numPassedTests: 2 }, 'REPORT_CONTRADICTORY'],
    ['success over failures', { success: true }, 'REPORT_CONTRADICTORY'],
    ['an interruption', { wasInterrupted: true }, 'REPORT_TRUNCATED'],
    ['a count below 0', { numTotalTests: -1 }, 'REPORT_MALFORMED'],
    ['no results', { testResults: undefined }, 'REPORT_MALFORMED'],
    ['an end before the start', { startTime: 8e15 }, 'REPORT_CONTRADICTORY'],
  ])('is refused with %s', async (_, edit, code) => {
    expect(await codeOf(change(edit), 'jest-json')).toBe(code);
  });

  it('is found cut off at any place', async () => {
    const text = fixture('jest.json').trimEnd();
    for (let end = 1; end < text.length; end += 37) {
      expect(await codeOf(text.slice(0, end), 'jest-json')).toBe('REPORT_TRUNCATED');
    }
    expect(await codeOf('', 'jest-json')).toBe('REPORT_TRUNCATED');
    expect(await codeOf('not json', 'jest-json')).toBe('REPORT_MALFORMED');
  });

  it('is refused when it nests too deep', async () => {
    expect(await codeOf('['.repeat(100_000), 'jest-json')).toBe('REPORT_FORBIDDEN');
    expect(await codeOf(`${'{"a":'.repeat(70)}1${'}'.repeat(70)}`, 'jest-json')).toBe('REPORT_FORBIDDEN');
  });
});

describe('CTRF', () => {
  const summary = { tests: 3, passed: 1, failed: 1, pending: 0, skipped: 0, other: 1, start: 1e12, stop: 1e12 + 5 };
  const tests = [
    { name: 'a', status: 'passed', duration: 3, suite: ['x', 'y'], filePath: 'a.ts' },
    { name: 'b', status: 'failed', message: 'no', suite: 'x' },
    { name: 'c', status: 'other' },
  ];
  const ctrf = (some: object = {}, listed: object[] = tests): string =>
    JSON.stringify({
      reportFormat: 'CTRF',
      specVersion: '0.0.0',
      results: { tool: { name: 'tool' }, summary: { ...summary, ...some }, tests: listed },
    });

  it('is read, with other outcomes as skipped', async () => {
    expect(await parseTestReport(`\uFEFF${ctrf()}`, 'ctrf')).toEqual({
      tool: 'tool',
      total: 3,
      passed: 1,
      failed: 1,
      skipped: 1,
      startedAt: '2001-09-09T01:46:40.000Z',
      finishedAt: '2001-09-09T01:46:40.005Z',
      tests: [
        { name: 'a', suite: 'x > y', file: 'a.ts', status: 'passed', durationMs: 3 },
        { name: 'b', suite: 'x', status: 'failed', message: 'no' },
        { name: 'c', suite: '', status: 'skipped' },
      ],
    });
  });

  it.each([
    ['another total', ctrf({ tests: 4 }), 'REPORT_CONTRADICTORY'],
    ['a hidden failure', ctrf({ failed: 0, passed: 2 }), 'REPORT_CONTRADICTORY'],
    ['skipped for other', ctrf({ skipped: 1, other: 0 }), 'REPORT_CONTRADICTORY'],
    ['a stop before the start', ctrf({ stop: 1e12 - 1 }), 'REPORT_CONTRADICTORY'],
    ['half a test', ctrf({ tests: 3.5 }), 'REPORT_MALFORMED'],
    ['an unknown status', ctrf({}, [{ name: 'a', status: 'fine' }]), 'REPORT_MALFORMED'],
    ['an endless duration', ctrf().replace('"duration":3', '"duration":1e999'), 'REPORT_MALFORMED'],
    ['another format', '{"results":[]}', 'REPORT_MALFORMED'],
  ])('is refused with %s', async (_, text, code) => {
    expect(await codeOf(text, 'ctrf')).toBe(code);
  });

  it('cuts long texts, without leaving half a character', async () => {
    const long = ctrf({}, [
      { ...tests[0], name: `${'n'.repeat(9)}😀` },
      { ...tests[1], message: 'm'.repeat(50) },
      tests[2] as object,
    ]);
    const report = await parseTestReport(long, 'ctrf', { nameLength: 10, messageLength: 20 });
    expect(report.tests[0]?.name).toBe(`${'n'.repeat(9)}\uFFFD`);
    expect(report.tests[1]?.message).toHaveLength(20);
  });
});
