import { SignalboxError } from '@signalbox/kernel';

export type AuditErrorCode =
  /** `append` was given a transaction of another database. */
  | 'FOREIGN_TRANSACTION'
  /** A journal entry that cannot become a ledger line. */
  | 'ENTRY_INVALID'
  /** What is stored contradicts itself; `verifyStoredLedger` names the place. */
  | 'LEDGER_DAMAGED'
  | 'KEY_EXISTS'
  | 'KEY_INVALID'
  | 'CHECKPOINT_INVALID'
  /** Two checkpoints of one size with different roots: the log has forked. */
  | 'CHECKPOINT_CONFLICT'
  | 'BLOB_MISSING'
  | 'BLOB_CORRUPT'
  | 'NOT_FOUND'
  | 'AMBIGUOUS_ID';

/** Everything this package throws on purpose. Callers branch on `code`. */
export class AuditError extends SignalboxError<AuditErrorCode> {}
