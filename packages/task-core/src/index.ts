export type { TaskStoreOptions } from './engine/ports.js';
export { TaskError, type TaskErrorCode } from './errors.js';
export { eventsOf, type TaskEvent, type TaskEventType } from './events.js';
export { type FileTaskStore, type FileTaskStoreEnv, openFileTaskStore } from './file/index.js';
export { type MemoryTaskStoreEnv, openMemoryTaskStore } from './memory/index.js';
export {
  type AfterFailure,
  DEFAULT_RETRY_POLICY,
  planAfterFailure,
  type RetryChoice,
  type RetryPolicy,
  type RetryRule,
} from './retry.js';
export { openSqliteTaskStore, type SqliteTaskStoreEnv } from './sqlite/index.js';
export type {
  AddLockOutcome,
  AttemptDraft,
  CancelOutcome,
  ClaimManyOutcome,
  ClaimOutcome,
  ClaimRequest,
  CreateOutcome,
  EndedFilter,
  FanOutOutcome,
  FenceRef,
  Granted,
  HeartbeatOutcome,
  HeldTask,
  LandingOutcome,
  LeaseLost,
  LeaseRef,
  LockConflict,
  RequeueOutcome,
  SettleItem,
  Settlement,
  SettleOutcome,
  StartOutcome,
  TaskDraft,
  TaskFilter,
  TaskPage,
  TaskPatch,
  TaskStore,
  UpdateOutcome,
} from './store.js';
export {
  type Attempt,
  type AttemptOutcome,
  type Block,
  type Budget,
  DEFAULT_HEARTBEAT_MS,
  DEFAULT_MAX_ATTEMPTS,
  DEFAULT_TTL_MS,
  type Executor,
  FAILURE_CLASSES,
  type Failure,
  type FailureClass,
  isTerminal,
  type LandingIntent,
  type Lease,
  type LeaseView,
  NEED_FAILURE_RULES,
  type NeedFailureRule,
  type PathLock,
  PRIORITY_WORDS,
  type RunLine,
  TASK_STATUSES,
  TASK_TYPES,
  type Task,
  type TaskSpec,
  type TaskStatus,
  type TaskType,
} from './task.js';
export type { TaskSpecInput } from './task-spec.js';
export { type Obstacle, whyNot } from './why.js';
