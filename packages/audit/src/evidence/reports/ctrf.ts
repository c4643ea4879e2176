import * as z from 'zod';
import { createReportBuilder, epochOf } from './builder.js';
import { readJsonReport } from './json.js';
import { refuse } from './refuse.js';
import type { ReportSource } from './source.js';
import type { ReportLimits, TestReport, TestStatus } from './test-report.js';

const count = z.int().nonnegative();
const Ctrf = z.object({
  reportFormat: z.literal('CTRF').optional(),
  results: z.object({
    tool: z.object({ name: z.string().min(1) }),
    summary: z.object({
      tests: count,
      passed: count,
      failed: count,
      pending: count,
      skipped: count,
      other: count,
      start: z.number().nonnegative(),
      stop: z.number().nonnegative(),
    }),
    tests: z.array(
      z.object({
        name: z.string(),
        status: z.enum(['passed', 'failed', 'skipped', 'pending', 'other']),
        duration: z.number().nonnegative().optional(),
        message: z.string().optional(),
        // One text up to version 0.0.x, a list of names afterwards.
        suite: z.union([z.string(), z.array(z.string())]).optional(),
        filePath: z.string().optional(),
      }),
    ),
  }),
});

/** `other` is neither a pass nor a failure, so it proves nothing: it counts as skipped. */
const STATUS: Record<string, TestStatus> = { passed: 'passed', failed: 'failed' };

/** Reads a report in the Common Test Report Format (https://ctrf.io). */
export async function parseCtrf(source: ReportSource, limits: ReportLimits): Promise<TestReport> {
  const { tool, summary, tests } = (await readJsonReport(source, Ctrf, limits)).results;
  const builder = createReportBuilder(limits);
  for (const test of tests) {
    builder.add({
      name: test.name,
      suite: Array.isArray(test.suite) ? test.suite.join(' > ') : test.suite,
      file: test.filePath,
      status: STATUS[test.status] ?? 'skipped',
      durationMs: test.duration,
      message: test.message,
    });
  }
  for (const status of ['skipped', 'pending', 'other'] as const) {
    const listed = tests.filter((test) => test.status === status).length;
    if (listed !== summary[status]) {
      throw refuse(
        'REPORT_CONTRADICTORY',
        `The report declares ${summary[status]} ${status} tests and lists ${listed}`,
      );
    }
  }
  const declared = { total: summary.tests, passed: summary.passed, failed: summary.failed };
  return builder.build({
    tool: tool.name,
    declared,
    startedAt: epochOf(summary.start),
    finishedAt: epochOf(summary.stop),
  });
}
