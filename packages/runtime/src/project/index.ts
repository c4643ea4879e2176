export type { Evidence, LedgerEntry, LedgerReport } from '@signalbox/audit';
export {
  type Attempt,
  type Block,
  DEFAULT_TTL_MS,
  FAILURE_CLASSES,
  type FailureClass,
  TASK_STATUSES,
  type Task,
  type TaskStatus,
} from '@signalbox/task-core';
export { type AIReport, reportAI } from '../ais/report-ai.js';
export { openQuestions } from '../approvals/open-questions.js';
export { COST_GROUPS, type CostGroup, type CostReport, type CostRequest, reportCost } from '../cost/report-cost.js';
export { describeBlock } from '../tasks/describe-block.js';
export { findRepository, findRoot, mainWorktree } from './find-root.js';
export { findHome, type SignalboxHome } from './home.js';
export { noProject } from './no-project.js';
export { openStore, type ProjectStore } from './open-store.js';
export { findOrphans } from './orphans.js';
export { type ProjectPaths, projectPaths } from './paths.js';
export { findText, whyUnreadable } from './read-file.js';
export { filesToTrust, readToTrust, untrustedFiles } from './untrusted.js';
