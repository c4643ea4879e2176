/**
 * The exit codes, as the contract has them:
 * 0 done · 1 internal error · 2 usage or invalid input · 3 not found · 4 conflict · 5 denied by policy · 6 waiting for an
 * approval or a person · 7 invalid file or failed verification · 8 it ran and failed · 130 interrupted.
 */
export const EXIT = {
  done: 0,
  internal: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  denied: 5,
  waiting: 6,
  invalidFile: 7,
  failed: 8,
  interrupted: 130,
} as const;

/** Which codes of errors end with which exit code; every other is an internal error. */
export const CODES_BY_EXIT: Readonly<Record<number, readonly string[]>> = {
  [EXIT.usage]: [
    'USAGE',
    'INVALID_TASK',
    'UNKNOWN_NEED',
    'DEPENDENCY_CYCLE',
    'AMBIGUOUS_ID',
    'INVALID_TTL',
    'INVALID_CURSOR',
    'INVALID_AI',
    'INVALID_CONFIG',
    'UNKNOWN_CONNECTOR',
    'NO_SUCH_BRANCH',
    'WRONG_FOLDER',
    'NOT_JSON',
    'SEAL_RANGE',
    'OVERRIDE_USELESS',
  ],
  [EXIT.notFound]: [
    'NOT_FOUND',
    'NO_PROJECT',
    'NO_REPOSITORY',
    'NO_COMMITS',
    'NOTHING_READY',
    'NOTHING_TO_LAND',
    'NOTHING_TO_REVERT',
    'NO_CANDIDATE',
    'AI_NOT_FOUND',
    'BLOB_MISSING',
    'BLOB_REMOVED',
    'NO_DIFF',
    'APPROVAL_NOT_FOUND',
    'OVERRIDE_NOT_FOUND',
  ],
  [EXIT.conflict]: [
    'ALREADY_CLAIMED',
    'LOCKED',
    'BLOCKED',
    'FINISHED',
    'DELAYED',
    'STALE',
    'LEASE_LOST',
    'IDEMPOTENCY_MISMATCH',
    'ID_TAKEN',
    'NOT_REQUEUABLE',
    'WRONG_STATE',
    'AI_EXISTS',
    'AI_BUSY',
    'BASE_CONFLICT',
    'LAND_CONFLICT',
    'DIRTY_CHECKOUT',
    'WORKSPACE_IN_USE',
    'WORKSPACE_UNREADABLE',
    'INTEGRATION_MOVED',
    'INTEGRATION_CHECKED_OUT',
    'LOCK_TIMEOUT',
    'STORE_BUSY',
    'STORE_IN_USE',
    'BACKUP_EXISTS',
    'STORE_LOCKED',
    'ALREADY_ANSWERED',
    'APPROVAL_EXPIRED',
    'FILE_EXISTS',
  ],
  [EXIT.denied]: ['POLICY_DENIED', 'AGENT_REFUSED'],
  [EXIT.waiting]: ['APPROVAL_REQUIRED'],
  [EXIT.invalidFile]: [
    'POLICY_INVALID',
    'CONFIG_INVALID',
    'STORE_NEWER',
    'EXPORT_NEWER',
    'STORE_UNREADABLE',
    'STORE_DAMAGED',
    'BLOB_CORRUPT',
    'KEY_INVALID',
    'KEY_EXISTS',
    'KEY_LOST',
    'CHECKPOINT_INVALID',
    'CHECKPOINT_CONFLICT',
    'LEDGER_DAMAGED',
    'SSHSIG_INVALID',
    'SEGMENT_MISSING',
    'BACKUP_DAMAGED',
    'BACKUP_NEWER',
    'RESTORE_INTERRUPTED',
    'RECEIPT_INVALID',
  ],
  [EXIT.failed]: ['CHECKS_FAILED', 'BLOB_QUOTA', 'BLOB_TOO_LARGE'],
  [EXIT.interrupted]: ['INTERRUPTED'],
};

const EXIT_OF = new Map(
  Object.entries(CODES_BY_EXIT).flatMap(([exit, codes]) => codes.map((code): [string, number] => [code, Number(exit)])),
);

/** The exit code for an error's code; 1 for one that no user can cause. */
export function exitCodeOf(code: string): number {
  return EXIT_OF.get(code) ?? EXIT.internal;
}
