import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CODES_BY_EXIT, EXIT, exitCodeOf } from '../src/exit-codes.js';

/** Every code of every package, as their unions have them, with the exit code that scripts see. */
const CODES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  signalbox: {
    USAGE: 2,
    CHECKS_FAILED: 8,
    INTERRUPTED: 130,
    NOT_FOUND: 3,
    NO_DIFF: 3,
    AGENT_REFUSED: 5,
    FILE_EXISTS: 4,
    INTERNAL: 1,
  },
  kernel: { NOT_JSON: 2, SQLITE_UNAVAILABLE: 1, STORE_NEWER: 7, STORE_UNREADABLE: 7, STORE_BUSY: 4, BACKUP_FAILED: 1 },
  'task-core': {
    INVALID_TASK: 2,
    UNKNOWN_NEED: 2,
    DEPENDENCY_CYCLE: 2,
    IDEMPOTENCY_MISMATCH: 4,
    NOT_FOUND: 3,
    AMBIGUOUS_ID: 2,
    INVALID_TTL: 2,
    INVALID_CURSOR: 2,
    NOT_REQUEUABLE: 4,
    ID_TAKEN: 4,
    EXPORT_NEWER: 7,
    // Of the file store, which the command line does not use; the last two are for a caller to cause.
    STORE_LOCKED: 4,
    STORE_DAMAGED: 7,
    STORE_NEWER: 7,
    STORE_FAILED: 1,
    STORE_CLOSED: 1,
    WRONG_STATE: 4,
  },
  // The last two can only be a fault of the code that calls.
  audit: {
    LEDGER_DAMAGED: 7,
    KEY_EXISTS: 7,
    KEY_INVALID: 7,
    KEY_LOST: 7,
    CHECKPOINT_INVALID: 7,
    CHECKPOINT_CONFLICT: 7,
    BLOB_MISSING: 3,
    BLOB_CORRUPT: 7,
    BLOB_REMOVED: 3,
    BLOB_QUOTA: 8,
    BLOB_TOO_LARGE: 8,
    RECEIPT_INVALID: 7,
    NOT_FOUND: 3,
    AMBIGUOUS_ID: 2,
    FOREIGN_TRANSACTION: 1,
    ENTRY_INVALID: 1,
    PROOF_RANGE: 1,
    CURSOR_INVALID: 1,
    SSHSIG_INVALID: 7,
    SEAL_RANGE: 2,
    SEGMENT_MISSING: 7,
    BACKUP_EXISTS: 4,
    BACKUP_DAMAGED: 7,
    BACKUP_NEWER: 7,
    STORE_IN_USE: 4,
    RESTORE_INTERRUPTED: 7,
  },
  // None of these is for a user to cause.
  connectors: { SPAWN_FAILED: 1, RUNNER_CLOSED: 1, INVALID_MARKER: 1, SUPERVISOR_MISSING: 1 },
  rules: { GLOB_INVALID: 1, EVALUATION: 1, SCHEMA_MISMATCH: 1, WITNESS_UNCONFIRMED: 1, RULES_INVALID: 1 },
  policy: { REQUEST_INVALID: 1, APPROVAL_NOT_FOUND: 3, OVERRIDE_NOT_FOUND: 3, AMBIGUOUS_ID: 2 },
  router: { AI_EXISTS: 4, AI_NOT_FOUND: 3, INVALID_AI: 2, AMBIGUOUS_ID: 2 },
  runtime: {
    NO_PROJECT: 3,
    NO_REPOSITORY: 3,
    NO_COMMITS: 3,
    NO_SUCH_BRANCH: 2,
    GIT_UNAVAILABLE: 1,
    GIT_FAILED: 1,
    CONFIG_INVALID: 7,
    POLICY_INVALID: 7,
    POLICY_DENIED: 5,
    WRONG_FOLDER: 2,
    INTEGRATION_MOVED: 4,
    INTEGRATION_CHECKED_OUT: 4,
    APPROVAL_REQUIRED: 6,
    APPROVAL_EXPIRED: 4,
    ALREADY_ANSWERED: 4,
    OVERRIDE_USELESS: 2,
    AMBIGUOUS_ID: 2,
    AGENT_REFUSED: 5,
    NOTHING_READY: 3,
    ALREADY_CLAIMED: 4,
    LOCKED: 4,
    BLOCKED: 4,
    FINISHED: 4,
    DELAYED: 4,
    STALE: 4,
    LEASE_LOST: 4,
    NO_CANDIDATE: 3,
    AI_BUSY: 4,
    UNKNOWN_CONNECTOR: 2,
    INVALID_CONFIG: 2,
    NOT_FOUND: 3,
    BASE_CONFLICT: 4,
    LAND_CONFLICT: 4,
    NOTHING_TO_LAND: 3,
    NOTHING_TO_REVERT: 3,
    DIRTY_CHECKOUT: 4,
    WORKSPACE_FAILED: 1,
    WORKSPACE_IN_USE: 4,
    WORKSPACE_UNREADABLE: 4,
    LOCK_TIMEOUT: 4,
    INTERRUPTED: 130,
  },
};

describe('the exit codes', () => {
  it('are those of the contract', () => {
    expect(EXIT).toEqual({
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
    });
  });

  it.each(Object.entries(CODES))('say for each error of %s what a script has to know', (_, codes) => {
    const found = Object.fromEntries(Object.keys(codes).map((code) => [code, exitCodeOf(code)]));
    expect(found).toEqual(codes);
  });

  it.each(Object.entries(CODES_BY_EXIT))('are documented for each error: %s', (exit, codes) => {
    const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    const row = text.split('\n').find((line) => line.startsWith(`| ${exit} `)) ?? '';
    expect(codes.filter((code) => !row.includes(`\`${code}\``))).toEqual([]);
  });

  it('call what nobody has thought of an internal error', () => {
    expect(exitCodeOf('NEVER_HEARD_OF')).toBe(1);
  });
});
