import type { JsonObject } from '@signalbox/kernel';
import { assessReport, type FileFacts, type ReportRun } from '../assess-report.js';
import { draftEvidence, type EvidenceCollector } from '../collector.js';
import { parseTestReport, type TestReportFormat } from '../reports/parse-test-report.js';
import { REPORT_LIMITS, type ReportLimits, type TestReport } from '../reports/test-report.js';
import { readFolderFile } from './read-file.js';

export interface TestReportCollectorOptions {
  format: TestReportFormat;
  /** The report: a file, by its path relative to the folder, or what a run printed. */
  source: { path: string; before: FileFacts | null } | { output: Uint8Array };
  /** The command of ours that was to write it, or `null` if there was none. */
  run: ReportRun | null;
  /** When the agent last changed anything, in milliseconds since the epoch; `null` if it changed nothing. */
  lastEditAt: number | null;
  /**
   * The figures of all reports of the run, this one included; default: its own. Whether any test ran, and whether the reports
   * agree with the exit code, is asked of all together: a tool may write a file for each suite.
   */
  together?: { total: number; failed: number; skipped: number };
  limits?: Partial<ReportLimits>;
}

/** How many failed tests a summary names. */
const NAMED_FAILURES = 20;

/**
 * Reads a test report, keeps it as it was written, and says in the summary what it counts for: `counts`, `doubts`, the figures,
 * the first failures. A report that does not count is `claimed`; one that cannot be read rejects with a `REPORT_…` code.
 */
export function createTestReportCollector(options: TestReportCollectorOptions): EvidenceCollector {
  const { format, source, run, lastEditAt, together } = options;
  const limits: ReportLimits = { ...REPORT_LIMITS, ...options.limits };
  const self = { id: 'signalbox/test-report', kind: 'test-report' };
  return {
    ...self,
    async collect(context) {
      const file = 'path' in source ? await readFolderFile(context.folder, source.path, limits.bytes) : null;
      if ('path' in source && !file) return [];
      const content = 'output' in source ? source.output : (file?.bytes ?? Buffer.alloc(0));
      const report = await parseTestReport(content, format, limits);
      context.signal.throwIfAborted();
      const assessment = assessReport(
        { ...report, ...together },
        {
          run,
          lastEditAt,
          tree: context.tree,
          before: 'before' in source ? source.before : null,
          after: file && { digest: file.digest, modifiedAt: file.modifiedAt },
        },
      );
      const summary: JsonObject = {
        format,
        ...figuresOf(report),
        counts: assessment.counts,
        doubts: assessment.doubts.map(({ code, message }) => ({ code, message })),
        ...('path' in source ? { path: source.path } : {}),
      };
      return [await draftEvidence(self, context, { content, grade: assessment.grade, tree: context.tree, summary })];
    },
  };
}

function figuresOf(report: TestReport): JsonObject {
  const { tool, total, passed, failed, skipped, startedAt, finishedAt } = report;
  const failures = report.tests.filter(({ status }) => status === 'failed').slice(0, NAMED_FAILURES);
  return {
    tool,
    total,
    passed,
    failed,
    skipped,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    failures: failures.map(({ name, suite }) => (suite === '' ? name : `${suite} > ${name}`)),
  };
}
