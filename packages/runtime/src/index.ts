export { followLedger, openBlobStore } from '@signalbox/audit';
export { builtinConnectors } from '@signalbox/connectors';
export {
  checkPolicy,
  decide,
  type PolicyDecisionRecord,
  type PolicyProblem,
  type PolicyRequest,
} from '@signalbox/policy';
export { policyJsonSchema } from '@signalbox/policy/json-schema';
export { type ShownPolicy, showPolicy } from '@signalbox/policy/show';
export type { AIInstance } from '@signalbox/router';
export type { TaskSpecInput } from '@signalbox/task-core';
export { type ExchangeFormat, taskJsonSchema, writeTasks } from '@signalbox/task-core/exchange';
export { drawGraph, type GraphFormat, readAll, readGraph } from '@signalbox/task-core/graph';
export { type Actor, actorName, currentActor } from './actor.js';
export { examineAI, explainRoute } from './ais/look-at-ai.js';
export { pauseAI, removeAI, resumeAI } from './ais/manage-ai.js';
export { labelAI, registerAI } from './ais/register-ai.js';
export { type AIReport, reportAI } from './ais/report-ai.js';
export { type AIChange, updateAI } from './ais/update-ai.js';
export { type AnswerEnv, type AnswerRequest, answerApproval, expireApprovals } from './approvals/answer-approval.js';
export { suggestForApproval } from './approvals/suggest-for-approval.js';
export { checkBackup } from './backup/check-backup.js';
export { type BackupRequest, backUpProject, type MadeBackup } from './backup/create-backup.js';
export {
  planRestore,
  type RestoreEnv,
  type RestorePlan,
  type RestoreResult,
  restoreProject,
} from './backup/restore-backup.js';
export { decideHookCall } from './decisions/agent-hook.js';
export { requireAIId } from './decisions/ai-id.js';
export { type BacktestRequest, backtestPolicy } from './decisions/backtest-policy.js';
export { checkConflicts, wholePolicyInForce } from './decisions/check-policy.js';
export { compileProject } from './decisions/compile-project.js';
export { conflictWarning } from './decisions/conflict-warning.js';
export { type DecisionFilter, findDecision, listDecisions, type RecordedDecision } from './decisions/find-decisions.js';
export { type ReplayReport, replayAll, replayRecorded } from './decisions/replay-recorded.js';
export { testPolicy } from './decisions/test-policy.js';
export { type DoctorEnv, examine, type Finding } from './doctor/examine.js';
export { type Ask, createDoor, type Door, type DoorEnv, type Ruling } from './door/door.js';
export { checkAction, type ExplainRequest, explainDecision } from './door/explain.js';
export { policySources, readPolicy } from './door/policy-files.js';
export { RuntimeError, type RuntimeErrorCode } from './errors.js';
export { type Claimed, claimThroughDoor } from './executor/claim-task.js';
export type { ExecutorEnv, OnProgress, Progress } from './executor/env.js';
export { type ExecuteAllRequest, type ExecuteAllSummary, executeAll } from './executor/execute-all.js';
export { type AttemptReport, type ExecuteRequest, type Execution, executeTask } from './executor/execute-task.js';
export { type ExecutionPlan, planExecution } from './executor/plan-execution.js';
export { buildPrompt } from './executor/prompt.js';
export type { ReportReason, ReportReasonCode, TestFigures } from './executor/report-reasons.js';
export {
  type CheckResult,
  judgeAttempt,
  type Verdict,
  type VerdictInput,
  type VerdictReason,
} from './executor/verdict.js';
export { createGit, type Git } from './git/git.js';
export { INTEGRATION_BRANCH, INTEGRATION_REF } from './landing/integration.js';
export { acceptIntegration, type IntegrationMove, integrationMove } from './landing/integration-guard.js';
export { type LandReport, landForUser } from './landing/land-for-user.js';
export { patchOf } from './landing/landed-commit.js';
export { type MergePrediction, predictMerge } from './landing/predict-merge.js';
export { type RevertReport, revertLanding } from './landing/revert-landing.js';
export {
  type CheckedEvidence,
  type EvidenceReport,
  type RemovedEvidence,
  removeEvidence,
  verifyEvidence,
} from './ledger/evidence-of-task.js';
export { parseVerifiers } from './ledger/keys.js';
export {
  ANCHOR_REF,
  createLedgerService,
  type LedgerService,
  type MadeCheckpoint,
  type VerifyRequest,
} from './ledger/ledger-service.js';
export { checkReceipt, exportReceipt, projectKeys } from './ledger/receipt.js';
export { recoverFile } from './ledger/recover-file.js';
export { type KeyRotation, type LogKeeper, rotateKey } from './ledger/rotate-key.js';
export { type Sealed, type SealRequest, sealLog } from './ledger/seal-log.js';
export { exportForPerson, type SshFiles, signLog } from './ledger/sign-log.js';
export { verifyLedgerFile } from './ledger/verify-file.js';
export { addOverride, type OverrideRequest, revokeOverride } from './overrides/override-policy.js';
export type { ConnectorSet, OfferedConnector } from './plugins/connector-set.js';
export { grantPlugins, type PluginPreview, previewPlugins } from './plugins/plugin-trust.js';
export { testConnector } from './plugins/test-connector.js';
export { type ProjectConfig, readConfig } from './project/config.js';
export type { EvidenceConfig } from './project/evidence-config.js';
export { type InitReport, type InitRequest, initProject } from './project/init.js';
export type { ChangedLine } from './project/line-diff.js';
export { grantTrust, previewTrust, type TrustPreview } from './project/trust-preview.js';
export { createSignalbox, type Signalbox, type SignalboxOptions } from './signalbox.js';
export { readStatus, type StatusReport } from './status/read-status.js';
export { acceptWork } from './tasks/accept-work.js';
export { cancelTask, retryTask, type TaskChange, updateTask } from './tasks/change-task.js';
export { type CompleteRequest, type CompleteResult, completeByHand } from './tasks/complete-task.js';
export { createTask } from './tasks/create-task.js';
export { describeWait, explainWait, type WaitReason, type WaitReport } from './tasks/explain-wait.js';
export {
  addLockByHand,
  failByHand,
  mustGet,
  renewByHand,
  requeueByHand,
  settleByHand,
  startByHand,
} from './tasks/hold-task.js';
export { type ImportReport, importTasks } from './tasks/import-tasks.js';
export { type LockRequest, requestLock } from './tasks/request-lock.js';
export { collectGarbage, type GarbageOptions, type GarbageReport } from './workspace/collect-garbage.js';
export {
  type DiscardEnv,
  type DiscardedWorkspace,
  discardWorkspace,
  discardWorkspaces,
} from './workspace/discard-workspace.js';
export { findWorkspaces } from './workspace/find-workspaces.js';
export type { KnownWorkspace, WorkspaceState } from './workspace/known-workspaces.js';
export { type ListedWorkspace, listWorkspaces } from './workspace/list-workspaces.js';
