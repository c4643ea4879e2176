export {
  type Approval,
  type ApprovalAnswer,
  type ApprovalDraft,
  type ApprovalScope,
  type ApprovalState,
  answerOf,
  type KnownAnswer,
  refusedAnswerer,
} from './approval.js';
export { isActive, type OverrideDraft, type StoredOverride } from './override.js';
export { openSqlitePolicyRecords, type RecordsEnv } from './sqlite.js';
export type {
  AnswerOutcome,
  ApprovalFilter,
  ApprovalStore,
  KeptLayer,
  OverrideStore,
  PolicyRecords,
  PolicyTexts,
} from './store.js';
