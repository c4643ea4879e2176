import { assessReport, type FileFacts, type ReportRun } from '../assess-report.js';
import { draftEvidence, type EvidenceCollector } from '../collector.js';
import { type CoverageFormat, parseCoverage } from '../reports/coverage.js';
import { REPORT_LIMITS, type ReportLimits } from '../reports/test-report.js';
import { readFolderFile } from './read-file.js';

export interface CoverageCollectorOptions {
  format: CoverageFormat;
  /** Relative to the folder: `coverage/coverage-summary.json`, `coverage/lcov.info`. */
  path: string;
  /** The file before the run, by `fileFacts`; `null` if there was none. */
  before: FileFacts | null;
  run: ReportRun | null;
  lastEditAt: number | null;
  limits?: Partial<ReportLimits>;
}

/** Reads a coverage report. Which file counts is judged as for test reports, except that a failed run may have one. */
export function createCoverageCollector(options: CoverageCollectorOptions): EvidenceCollector {
  const { format, path, before, run, lastEditAt } = options;
  const limits: ReportLimits = { ...REPORT_LIMITS, ...options.limits };
  const self = { id: 'signalbox/coverage', kind: 'coverage' };
  return {
    ...self,
    async collect(context) {
      const file = await readFolderFile(context.folder, path, limits.bytes);
      if (!file) return [];
      const { statements, ...coverage } = await parseCoverage(file.bytes, format, limits);
      // Coverage has no outcome, so it is given one that agrees with the run.
      const figures = { total: 1, failed: run?.exitCode === 0 ? 0 : 1, skipped: 0 };
      const after = { digest: file.digest, modifiedAt: file.modifiedAt };
      const { doubts, grade, counts } = assessReport(figures, { run, lastEditAt, tree: context.tree, before, after });
      const summary = {
        path,
        format,
        files: coverage.files,
        lines: { ...coverage.lines },
        branches: { ...coverage.branches },
        functions: { ...coverage.functions },
        ...(statements ? { statements: { ...statements } } : {}),
        counts,
        doubts: doubts.map(({ code, message }) => ({ code, message })),
      };
      return [await draftEvidence(self, context, { content: file.bytes, grade, tree: context.tree, summary })];
    },
  };
}
