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
  /** A proof that is asked for cannot be made: a seq or a size outside of the tree. */
  | 'PROOF_RANGE'
  /** An SSH signature, or a key in it, that this version cannot read. */
  | 'SSHSIG_INVALID'
  /** Entries that cannot be sealed: none left, or more than there are. */
  | 'SEAL_RANGE'
  | 'SEGMENT_MISSING'
  | 'CURSOR_INVALID'
  | 'BACKUP_EXISTS'
  /** Half a backup, or one that is not what was written. */
  | 'BACKUP_DAMAGED'
  /** A backup that a newer version made. */
  | 'BACKUP_NEWER'
  /** Somebody has the store open that a restore would replace. */
  | 'STORE_IN_USE'
  /** A restore was killed, and it cannot be told which state is to count. */
  | 'RESTORE_INTERRUPTED'
  | 'BLOB_MISSING'
  | 'BLOB_CORRUPT'
  | 'NOT_FOUND'
  | 'AMBIGUOUS_ID'
  /** A test or coverage report that is not of its format. */
  | 'REPORT_MALFORMED'
  | 'REPORT_TRUNCATED'
  | 'REPORT_TOO_LARGE'
  /** A document type, or nesting that no tool writes. */
  | 'REPORT_FORBIDDEN'
  /** What a report declares is not what it lists. */
  | 'REPORT_CONTRADICTORY'
  /** A collector could not look at what it was to collect. */
  | 'COLLECT_FAILED'
  | 'BLOB_TOO_LARGE'
  /** All blobs of an attempt together are too large. */
  | 'BLOB_QUOTA'
  /** Removed on purpose; the tombstone says when and why. */
  | 'BLOB_REMOVED'
  | 'ENVELOPE_INVALID'
  | 'STATEMENT_INVALID'
  | 'RECEIPT_INVALID'
  | 'TRACE_FAILED';

/** Everything this package throws on purpose. Callers branch on `code`. */
export class AuditError extends SignalboxError<AuditErrorCode> {}
