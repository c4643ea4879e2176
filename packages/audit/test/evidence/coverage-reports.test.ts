import { describe, expect, it } from '@jest/globals';
import { type CoverageFormat, parseCoverage } from '../../src/evidence/collectors/index.js';

const count = (covered: number, total: number): object => ({ total, covered, skipped: 0, pct: 50 });
const file = (covered: number, total: number): object => ({
  lines: count(covered, total),
  branches: count(0, 0),
  functions: count(1, 2),
  statements: count(covered, total),
});
const codeOf = (text: string, format: CoverageFormat): Promise<string> =>
  parseCoverage(text, format).then(
    () => 'read',
    (error) => error.code,
  );

describe("istanbul's summary", () => {
  const total = { ...file(5, 10), functions: count(2, 4) };

  it('is read as the sum of its files', async () => {
    const text = JSON.stringify({ total, '/a.ts': file(2, 4), '/b.ts': file(3, 6) });
    expect(await parseCoverage(text, 'istanbul-summary')).toEqual({
      format: 'istanbul-summary',
      files: 2,
      lines: { covered: 5, total: 10 },
      branches: { covered: 0, total: 0 },
      functions: { covered: 2, total: 4 },
      statements: { covered: 5, total: 10 },
    });
  });

  it.each([
    ['a better total', { total: file(9, 10), '/a.ts': file(5, 10) }, 'REPORT_CONTRADICTORY'],
    ['more covered than there is', { total: file(3, 2), '/a.ts': file(3, 2) }, 'REPORT_CONTRADICTORY'],
    ['no total', { '/a.ts': file(1, 2) }, 'REPORT_MALFORMED'],
    ['a count that is none', { total: { ...file(1, 1), lines: count(0.5, 1) } }, 'REPORT_MALFORMED'],
  ])('is refused with %s', async (_, summary, code) => {
    expect(await codeOf(JSON.stringify(summary), 'istanbul-summary')).toBe(code);
  });
});

describe('an lcov tracefile', () => {
  const record = (lf: number, lh: number, end = 'end_of_record\n'): string =>
    `TN:\nSF:src/a.ts\nFN:1,f\nFNDA:1,f\nFNF:1\nFNH:1\nDA:1,3\nDA:2,0\nLF:${lf}\nLH:${lh}\nBRF:2\nBRH:1\n${end}`;

  it('is read as the sum of its records', async () => {
    expect(await parseCoverage(record(2, 1) + record(2, 1), 'lcov')).toEqual({
      format: 'lcov',
      files: 2,
      lines: { covered: 2, total: 4 },
      branches: { covered: 2, total: 4 },
      functions: { covered: 2, total: 2 },
    });
    expect((await parseCoverage('SF:a\nDA:1,1\nDA:2,0\nend_of_record\n', 'lcov')).lines).toEqual({
      covered: 1,
      total: 2,
    });
  });

  it.each([
    ['more lines hit than listed', record(2, 2), 'REPORT_CONTRADICTORY'],
    ['more covered than there is', 'SF:a\nLF:1\nLH:2\nend_of_record\n', 'REPORT_CONTRADICTORY'],
    ['its end missing', record(2, 1, ''), 'REPORT_TRUNCATED'],
    ['a record in another', 'SF:a\nSF:b\nend_of_record\n', 'REPORT_MALFORMED'],
    ['an end without a record', 'end_of_record\n', 'REPORT_MALFORMED'],
    ['a count that is none', 'SF:a\nLF:x\nend_of_record\n', 'REPORT_MALFORMED'],
    ['a line that is none', 'SF:a\nDA:x\nend_of_record\n', 'REPORT_MALFORMED'],
    ['no record', 'hello\n', 'REPORT_MALFORMED'],
  ])('is refused with %s', async (_, text, code) => {
    expect(await codeOf(text, 'lcov')).toBe(code);
  });

  it('is refused with too many files', async () => {
    await expect(parseCoverage(record(2, 1) + record(2, 1), 'lcov', { tests: 1 })).rejects.toMatchObject({
      code: 'REPORT_TOO_LARGE',
    });
  });
});
