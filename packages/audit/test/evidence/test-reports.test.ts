import { execFile } from 'node:child_process';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createTempDir } from '@signalbox/testkit';
import fc from 'fast-check';
import {
  createTestReportCollector,
  parseTestReport,
  type TestReportFormat,
} from '../../src/evidence/collectors/index.js';
import { createCollecting } from './collecting.js';
import { codeOf, FIXTURES, figures, fixture } from './reading-reports.js';

describe('a report of node --test', () => {
  it('is read from TAP, tests with subtests included, suites not', async () => {
    const report = await parseTestReport(fixture('node-test.tap'), 'tap');
    expect(figures(report)).toEqual(['node-test', 9, 4, 3, 2]);
    const [adds, fails, later] = report.tests;
    expect(adds).toEqual({ name: 'adds', suite: 'math', status: 'passed', durationMs: expect.any(Number) });
    expect(fails).toMatchObject({
      name: 'fails # hash',
      status: 'failed',
      message: '1 == 2',
      file: '/project/nt/a.test.mjs',
    });
    expect(later).toMatchObject({ name: 'later', status: 'skipped' });
    expect(report.tests.find(({ name }) => name === 'child')).toMatchObject({ suite: 'parent', status: 'passed' });
    expect(report.tests.filter(({ status }) => status === 'failed').map(({ name }) => name)).toContain('hangs');
  });

  it('is read from JUnit XML', async () => {
    const report = await parseTestReport(createReadStream(join(FIXTURES, 'node-test.junit.xml')), 'junit');
    expect(figures(report)).toEqual(['node-test', 8, 3, 3, 2]);
    expect(report.tests[1]).toMatchObject({ name: 'fails # hash', suite: 'math', status: 'failed', message: '1 == 2' });
  });

  it('says the same of a run made now, in both formats', async () => {
    const dir = createTempDir();
    const file = join(FIXTURES, 'live.test.mjs.txt');
    const target = join(dir.path, 'live.test.mjs');
    const run = (reporter: string): Promise<string> =>
      new Promise((done) => {
        const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
        const args = ['--test', `--test-reporter=${reporter}`, target];
        execFile(process.execPath, args, { env, cwd: dir.path }, (_error, stdout) => done(stdout));
      });
    try {
      writeFileSync(target, readFileSync(file));
      expect(figures(await parseTestReport(await run('tap'), 'tap'))).toEqual(['node-test', 4, 2, 1, 1]);
      expect(figures(await parseTestReport(await run('junit'), 'junit'))).toEqual(['node-test', 4, 2, 1, 1]);
    } finally {
      dir.remove();
    }
  });
});

describe('one report of several', () => {
  it('may be empty, or know nothing of the failure, if together they are not and do', async () => {
    const dir = createTempDir();
    try {
      const { collect } = createCollecting(dir.path, dir.path);
      const run = { startedAt: 0, finishedAt: 1, exitCode: 1, tree: null };
      const source = { output: Buffer.from('TAP version 13\n1..0\n') };
      const options = { format: 'tap', source, run, lastEditAt: null } as const;
      const [alone] = await collect(createTestReportCollector(options));
      expect(alone?.summary['doubts']).toMatchObject([{ code: 'REPORT_EMPTY' }, { code: 'REPORT_HIDES_FAILURE' }]);
      const together = { total: 3, failed: 1, skipped: 0 };
      const [one] = await collect(createTestReportCollector({ ...options, together }));
      expect(one).toMatchObject({ grade: 'verified', summary: { total: 0, counts: true, doubts: [] } });
    } finally {
      dir.remove();
    }
  });
});

describe('any bytes', () => {
  it('are read or refused with a code, in every format', async () => {
    const pieces = fc.constantFrom(
      'ok 1',
      'not ok 2 - a',
      '1..1',
      '    ',
      '\n',
      '  ---\n',
      '  ...\n',
      '# tests 1',
      '<testsuite>',
      '</testsuite>',
      '<testcase name="a">',
      '&lt;',
      '<!--',
      '{"results":',
      '[',
      ']',
      '}',
      '"',
      '\\',
      '\0',
      'Bail out!',
    );
    const texts = fc.array(fc.oneof(pieces, fc.string()), { maxLength: 40 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.constantFrom<TestReportFormat>('tap', 'junit', 'ctrf', 'jest-json'),
        async (text, format) => {
          expect(await codeOf(text, format)).toMatch(/^(REPORT_[A-Z_]+|read \d+)$/);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
