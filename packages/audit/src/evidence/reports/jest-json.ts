import * as z from 'zod';
import { createReportBuilder, epochOf } from './builder.js';
import { readJsonReport } from './json.js';
import { refuse } from './refuse.js';
import type { ReportSource } from './source.js';
import type { ReportLimits, TestReport, TestStatus } from './test-report.js';

const count = z.int().nonnegative();
const Assertion = z.object({
  ancestorTitles: z.array(z.string()).default([]),
  title: z.string(),
  status: z.enum(['passed', 'failed', 'pending', 'skipped', 'todo', 'disabled', 'focused']),
  duration: z.number().nonnegative().nullish(),
  failureMessages: z.array(z.string()).nullish(),
});
const JestJson = z.object({
  numTotalTests: count,
  numPassedTests: count,
  numFailedTests: count,
  numPendingTests: count.default(0),
  numTodoTests: count.default(0),
  success: z.boolean(),
  wasInterrupted: z.boolean().default(false),
  startTime: z.number().nonnegative(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      endTime: z.number().nonnegative().nullish(),
      assertionResults: z.array(Assertion),
    }),
  ),
});

const STATUS: Record<z.infer<typeof Assertion>['status'], TestStatus> = {
  passed: 'passed',
  focused: 'passed',
  failed: 'failed',
  pending: 'skipped',
  skipped: 'skipped',
  todo: 'skipped',
  disabled: 'skipped',
};

/** Reads what `jest --json` prints, and what vitest's `json` reporter writes in that format. */
export async function parseJestJson(source: ReportSource, limits: ReportLimits): Promise<TestReport> {
  const run = await readJsonReport(source, JestJson, limits);
  if (run.wasInterrupted) throw refuse('REPORT_TRUNCATED', 'Jest was interrupted');
  const builder = createReportBuilder(limits);
  let unloadable = 0;
  for (const file of run.testResults) {
    for (const test of file.assertionResults) {
      builder.add({
        name: test.title,
        suite: test.ancestorTitles.join(' > '),
        file: file.name,
        status: STATUS[test.status],
        durationMs: test.duration ?? undefined,
        message: test.failureMessages?.join('\n'),
      });
    }
    // A file that does not load lists no test and is counted as none; it must not pass for an absence of failures.
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')) {
      unloadable += 1;
      builder.add({ name: file.name, suite: '', file: file.name, status: 'failed', message: file.message });
    }
  }
  const ends = run.testResults.map(({ endTime }) => endTime ?? 0);
  const report = builder.build({
    tool: 'jest',
    declared: {
      total: run.numTotalTests + unloadable,
      passed: run.numPassedTests,
      failed: run.numFailedTests + unloadable,
      skipped: run.numPendingTests + run.numTodoTests,
    },
    startedAt: epochOf(run.startTime),
    finishedAt: epochOf(ends.reduce((latest, end) => Math.max(latest, end), 0)),
  });
  if (run.success && report.failed > 0) {
    throw refuse('REPORT_CONTRADICTORY', `The report says success and lists ${report.failed} failed tests`);
  }
  return report;
}
