import { SignalboxError } from '@signalbox/kernel';

export type TaskErrorCode =
  | 'INVALID_TASK'
  | 'UNKNOWN_NEED'
  | 'DEPENDENCY_CYCLE'
  | 'IDEMPOTENCY_MISMATCH'
  | 'NOT_FOUND'
  | 'AMBIGUOUS_ID'
  | 'INVALID_TTL'
  | 'INVALID_CURSOR'
  | 'NOT_REQUEUABLE'
  | 'ID_TAKEN'
  | 'EXPORT_NEWER'
  | 'WRONG_STATE'
  | 'STORE_LOCKED'
  | 'STORE_DAMAGED'
  | 'STORE_NEWER'
  | 'STORE_FAILED'
  | 'STORE_CLOSED';

export class TaskError extends SignalboxError<TaskErrorCode> {}
