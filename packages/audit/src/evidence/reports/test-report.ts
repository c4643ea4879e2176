/** A test that was left out, or that is marked as not expected to pass yet (todo), is `skipped`. */
export type TestStatus = 'passed' | 'failed' | 'skipped';

export interface TestCase {
  name: string;
  /** The names of what it stands in, outermost first, joined by ` > `; empty at the top. */
  suite: string;
  /** As the report names it: absolute, or relative to whatever the tool thinks. */
  file?: string;
  status: TestStatus;
  /** Milliseconds, 0 or more. */
  durationMs?: number;
  /** Why it failed or was skipped, cut to the limit. */
  message?: string;
}

/** What every format of test reports is read into. The counts are those of `tests`, never those that a file declares. */
export interface TestReport {
  /** Who wrote it: `node-test`, `jest`, or what the report says of itself, else the format. */
  tool: string;
  total: number;
  passed: number;
  failed: number;
  skipped: number;
  /** In the order of the report. The same name may occur twice. */
  tests: TestCase[];
  /** ISO 8601 in UTC, if the report states it together with a time zone. */
  startedAt?: string;
  finishedAt?: string;
}

/** How much of a report is read. Whatever lies above is refused, except for texts, which are cut. */
export interface ReportLimits {
  /** Bytes of the file. */
  bytes: number;
  tests: number;
  /** How deep suites, elements or values may nest. */
  depth: number;
  /** UTF-16 code units of a name, a suite or a file. */
  nameLength: number;
  /** UTF-16 code units of a message. */
  messageLength: number;
}

export const REPORT_LIMITS: ReportLimits = {
  bytes: 32 * 1024 * 1024,
  tests: 100_000,
  depth: 64,
  nameLength: 2_000,
  messageLength: 4_000,
};
