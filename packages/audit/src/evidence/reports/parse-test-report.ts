import { parseCtrf } from './ctrf.js';
import { parseJestJson } from './jest-json.js';
import { parseJUnit } from './junit.js';
import type { ReportSource } from './source.js';
import { parseTap } from './tap.js';
import { REPORT_LIMITS, type ReportLimits, type TestReport } from './test-report.js';

/** `node --test` writes `tap` (`--test-reporter=tap`) or `junit` (`--test-reporter=junit`); both are told by their endings. */
export type TestReportFormat = 'junit' | 'tap' | 'ctrf' | 'jest-json';

const PARSERS: Record<TestReportFormat, (source: ReportSource, limits: ReportLimits) => Promise<TestReport>> = {
  junit: parseJUnit,
  tap: parseTap,
  ctrf: parseCtrf,
  'jest-json': parseJestJson,
};

export const TEST_REPORT_FORMATS = Object.keys(PARSERS) as TestReportFormat[];

/**
 * Reads a test report; XML and TAP are read while they come. Throws `REPORT_MALFORMED`, `REPORT_TRUNCATED`,
 * `REPORT_TOO_LARGE`, `REPORT_FORBIDDEN` (document type, deep nesting), or `REPORT_CONTRADICTORY` if the numbers that the
 * report declares are not those of the tests that it lists.
 */
export async function parseTestReport(
  source: ReportSource,
  format: TestReportFormat,
  limits: Partial<ReportLimits> = {},
): Promise<TestReport> {
  return PARSERS[format](source, { ...REPORT_LIMITS, ...limits });
}
