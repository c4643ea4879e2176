import { describe, expect, it } from '@jest/globals';
import { parseTestReport } from '../../src/evidence/collectors/index.js';
import { codeOf, inChunks } from './reading-reports.js';

describe('JUnit XML', () => {
  const suite = (attributes: string, ...cases: string[]): string =>
    `<?xml version="1.0"?><testsuites><testsuite name="s" ${attributes}>${cases.join('')}</testsuite></testsuites>`;
  const pass = '<testcase name="a" classname="c" file="a.js" time="0.5"/>';
  const fail = '<testcase name="b"><failure message="no">why</failure></testcase>';
  const skip = '<testcase name="d"><skipped/></testcase>';

  it('is read with its texts, whatever the chunks are', async () => {
    const text = suite(
      'tests="4" failures="1" errors="1" skipped="1" timestamp="2026-01-01T00:00:00Z"',
      pass,
      fail,
      '<testcase name="e&lt;&#233;"><error><![CDATA[<boom>]]></error></testcase>',
      skip,
    );
    const report = await parseTestReport(inChunks(text, 3), 'junit');
    expect(report).toEqual({
      tool: 'junit',
      total: 4,
      passed: 1,
      failed: 2,
      skipped: 1,
      startedAt: '2026-01-01T00:00:00.000Z',
      tests: [
        { name: 'a', suite: 's', file: 'a.js', status: 'passed', durationMs: 500 },
        { name: 'b', suite: 's', status: 'failed', message: 'no' },
        { name: 'e<é', suite: 's', status: 'failed', message: '<boom>' },
        { name: 'd', suite: 's', status: 'skipped' },
      ],
    });
  });

  it('takes tests of the same name, suites within suites, and a time without a zone for none', async () => {
    const nested = `<testsuite name="o" tests="2" timestamp="2026-01-01T00:00:00"><testsuite name="i" tests="2">${pass}${pass}</testsuite></testsuite>`;
    const report = await parseTestReport(nested, 'junit');
    expect(report.tests.map((test) => test.suite)).toEqual(['o > i', 'o > i']);
    expect(report.startedAt).toBeUndefined();
  });

  it('takes disabled tests for skipped, a broken suite for a failure, and a test that failed and was skipped for failed', async () => {
    const odd = '<testcase name="x" status="notrun"/><testcase name="y"><skipped/><error/></testcase>';
    const report = await parseTestReport(
      suite('tests="2" errors="1" disabled="1"', odd, '<error message="set-up"/>'),
      'junit',
    );
    expect(report.tests.map(({ name, status }) => [name, status])).toEqual([
      ['x', 'skipped'],
      ['y', 'failed'],
      ['(suite)', 'failed'],
    ]);
  });

  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`;
  it.each([
    ['an entity bomb', `${bomb}<testsuite><testcase name="&b;"/></testsuite>`, 'REPORT_FORBIDDEN'],
    ['an external document type', `<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>`, 'REPORT_FORBIDDEN'],
    ['an unknown entity', '<testsuite><testcase name="&x;"/></testsuite>', 'REPORT_MALFORMED'],
    ['another root', '<html></html>', 'REPORT_MALFORMED'],
    ['something that is no XML', 'ok 1 - a', 'REPORT_MALFORMED'],
    ['a crossing of elements', '<testsuite><testcase></testsuite></testcase>', 'REPORT_MALFORMED'],
    ['two roots', '<testsuite/><testsuite/>', 'REPORT_MALFORMED'],
    [
      'a failure covered by a test within it',
      '<testsuite><testcase name="a"><failure/><testcase name="b"/></testcase></testsuite>',
      'REPORT_MALFORMED',
    ],
    ['nothing', '', 'REPORT_TRUNCATED'],
    ['its end missing', suite('tests="1"', pass).slice(0, -20), 'REPORT_TRUNCATED'],
    ['a time that is none', '<testsuite><testcase name="a" time="NaN"/></testsuite>', 'REPORT_MALFORMED'],
    ['a time below 0', '<testsuite><testcase name="a" time="-1"/></testsuite>', 'REPORT_MALFORMED'],
    ['a count that is none', '<testsuite tests="-1"/>', 'REPORT_MALFORMED'],
    ['too many tests declared', suite('tests="3"', pass), 'REPORT_CONTRADICTORY'],
    ['a failure hidden', suite('tests="2" failures="0"', pass, fail), 'REPORT_CONTRADICTORY'],
    ['a failure invented', suite('tests="1" failures="1"', pass), 'REPORT_CONTRADICTORY'],
    ['skipped tests hidden', suite('tests="1" skipped="0"', skip), 'REPORT_CONTRADICTORY'],
    [
      'a total that does not fit',
      `<testsuites tests="9"><testsuite tests="1">${pass}</testsuite></testsuites>`,
      'REPORT_CONTRADICTORY',
    ],
  ])('is refused with %s', async (_, text, code) => {
    expect(await codeOf(text, 'junit')).toBe(code);
  });

  it('is refused when it nests too deep or has an endless attribute', async () => {
    expect(await codeOf('<testsuite>'.repeat(1000), 'junit')).toBe('REPORT_FORBIDDEN');
    const long = `<testsuite><testcase name="${'a'.repeat(300_000)}"/></testsuite>`;
    expect(await codeOf(inChunks(long, 65_536), 'junit')).toBe('REPORT_TOO_LARGE');
  });

  it('is found cut off, or of another kind, at every byte of a report', async () => {
    const text = suite('tests="1"', pass);
    for (let end = 0; end < text.length; end++) {
      expect(`${end} ${await codeOf(text.slice(0, end), 'junit')}`).toMatch(/REPORT_(TRUNCATED|MALFORMED)/);
    }
  });
});
