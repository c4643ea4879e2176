import { isoTime } from '@signalbox/kernel';
import { refuse } from './refuse.js';
import type { ReportLimits, TestCase, TestReport } from './test-report.js';

/** A test as a parser finds it: absent and `undefined` are the same, and empty texts count as absent. */
export type FoundTest = Pick<TestCase, 'name' | 'status'> & {
  [Field in 'suite' | 'file' | 'durationMs' | 'message']?: TestCase[Field] | undefined;
};

/** What a report says of its own numbers. */
export type DeclaredCounts = { [Field in 'total' | 'passed' | 'failed' | 'skipped']?: number | undefined };

export interface ReportBuilder {
  /** Throws `REPORT_TOO_LARGE` above the limit of tests. */
  add(test: FoundTest): void;
  /** `startedAt` and `finishedAt` are milliseconds since the epoch. Throws `REPORT_CONTRADICTORY` if `declared` does not fit. */
  build(about: {
    tool: string;
    declared?: DeclaredCounts | undefined;
    startedAt?: number | undefined;
    finishedAt?: number | undefined;
  }): TestReport;
}

/** Gathers tests within limits and counts them. */
export function createReportBuilder(limits: ReportLimits): ReportBuilder {
  const tests: TestCase[] = [];
  return {
    add(test) {
      if (tests.length >= limits.tests) throw refuse('REPORT_TOO_LARGE', `The report has over ${limits.tests} tests`);
      tests.push(toTestCase(test, limits));
    },
    build({ tool, declared, startedAt, finishedAt }) {
      const counts = countTests(tests);
      checkCounts(declared ?? {}, counts);
      if (startedAt !== undefined && finishedAt !== undefined && finishedAt < startedAt) {
        throw refuse('REPORT_CONTRADICTORY', 'The report ends before it begins');
      }
      return {
        tool: tool.slice(0, limits.nameLength),
        ...counts,
        tests,
        ...(startedAt === undefined ? {} : { startedAt: isoTime(startedAt) }),
        ...(finishedAt === undefined ? {} : { finishedAt: isoTime(finishedAt) }),
      };
    },
  };
}

/** Throws `REPORT_CONTRADICTORY` if a declared number is not the number of tests that are listed. */
export function checkCounts(declared: DeclaredCounts, listed: Required<Record<keyof DeclaredCounts, number>>): void {
  for (const field of ['total', 'passed', 'failed', 'skipped'] as const) {
    const said = declared[field];
    if (said === undefined || said === listed[field]) continue;
    const what = field === 'total' ? 'tests' : `${field} tests`;
    throw refuse('REPORT_CONTRADICTORY', `The report declares ${said} ${what} and lists ${listed[field]}`);
  }
}

/** A time of a report in milliseconds since the epoch; `undefined` if it is none that a date can hold. */
export function epochOf(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 && value <= 8.64e15 ? value : undefined;
}

/** An ISO 8601 time that names its zone. Without one it may be of any zone, so it says nothing. */
export function zonedTime(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return undefined;
  return epochOf(Date.parse(text));
}

function countTests(tests: readonly TestCase[]): Pick<TestReport, 'total' | 'passed' | 'failed' | 'skipped'> {
  const counts = { total: tests.length, passed: 0, failed: 0, skipped: 0 };
  for (const { status } of tests) counts[status] += 1;
  return counts;
}

function toTestCase(test: FoundTest, limits: ReportLimits): TestCase {
  const name = (text: string): string => cut(text, limits.nameLength);
  return {
    name: name(test.name),
    suite: name(test.suite ?? ''),
    ...(test.file ? { file: name(test.file) } : {}),
    status: test.status,
    ...(test.durationMs === undefined ? {} : { durationMs: test.durationMs }),
    ...(test.message ? { message: cut(test.message.trim(), limits.messageLength) } : {}),
  };
}

/** Cuts without leaving half of a surrogate pair. */
function cut(text: string, length: number): string {
  return text.length <= length ? text.toWellFormed() : text.slice(0, length).toWellFormed();
}
