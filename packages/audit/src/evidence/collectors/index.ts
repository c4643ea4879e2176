export { type CollectContext, draftEvidence, type EvidenceCollector } from '../collector.js';
export {
  type CoverageCount,
  type CoverageFormat,
  type CoverageSummary,
  parseCoverage,
} from '../reports/coverage.js';
export { parseTestReport, TEST_REPORT_FORMATS, type TestReportFormat } from '../reports/parse-test-report.js';
export type { ReportSource } from '../reports/source.js';
export {
  REPORT_LIMITS,
  type ReportLimits,
  type TestCase,
  type TestReport,
  type TestStatus,
} from '../reports/test-report.js';
export {
  type CommandCollectorOptions,
  type CommandLine,
  type CommandOutcome,
  createCommandCollector,
} from './command-run.js';
export { type CoverageCollectorOptions, createCoverageCollector } from './coverage.js';
export { createFilesCollector, type FilesCollectorOptions } from './files.js';
export {
  createGitDiffCollector,
  createTreeDiffCollector,
  type GitDiffCollectorOptions,
  hasRepository,
  type TreeDiffCollectorOptions,
} from './git-diff.js';
export { compareListings, type ListedChange, type ListedFile, type Listing, takeListing } from './listing.js';
export { createListingDiffCollector, digestOfListing, type ListingDiffCollectorOptions } from './listing-diff.js';
export { fileFacts } from './read-file.js';
export { createTestReportCollector, type TestReportCollectorOptions } from './test-report.js';
export { createUsageCollector, type Usage, type UsageCollectorOptions } from './usage.js';
export { type WalkedPath, walkFolder } from './walk.js';
