import { describe, expect, it } from '@jest/globals';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { createTempDir } from '@signalbox/testkit';
import * as audit from '../src/index.js';
import { migrateAudit } from '../src/migrations.js';

describe('the surface of the package', () => {
  it('exports these names and no others', () => {
    expect(Object.keys(audit).sort()).toEqual([
      'AuditError',
      'CHECKPOINT_NAMESPACE',
      'allowedSignersLine',
      'assessReport',
      'checkBlobs',
      'checkpoints',
      'createBackup',
      'createCheckpoint',
      'createConsistencyProof',
      'createInclusionProof',
      'createRawLines',
      'createRedactor',
      'createRotation',
      'createSigningKey',
      'describeBackup',
      'exportLedger',
      'followLedger',
      'followRotations',
      'gradeOf',
      'hashLeaf',
      'limitBlobs',
      'listSegments',
      'loadSigningKey',
      'openBlobStore',
      'openCursors',
      'openEvidence',
      'openLedger',
      'openTrace',
      'originOf',
      'parseCheckpoint',
      'parseEntry',
      'parseVerifierKey',
      'proveConsistency',
      'proveInclusion',
      'readFileLines',
      'readManifest',
      'readRotation',
      'readTrace',
      'recoverLineFile',
      'redactJson',
      'redactText',
      'requireSoundBackup',
      'restoreBackup',
      'restoreRemains',
      'resumeRestore',
      'saveSigningKey',
      'sealSegment',
      'secretsOf',
      'signSsh',
      'sshPublicKey',
      'stageRestore',
      'storeCheckpoint',
      'verifierKey',
      'verifyBackup',
      'verifyCheckpoint',
      'verifyConsistencyProof',
      'verifyExport',
      'verifyExportFile',
      'verifyInclusionProof',
      'verifyLedger',
      'verifySsh',
      'verifyStoredLedger',
    ]);
  });

  it('knows these error codes', () => {
    const codes: Record<audit.AuditErrorCode, true> = {
      FOREIGN_TRANSACTION: true,
      ENTRY_INVALID: true,
      LEDGER_DAMAGED: true,
      KEY_EXISTS: true,
      KEY_INVALID: true,
      CHECKPOINT_INVALID: true,
      CHECKPOINT_CONFLICT: true,
      PROOF_RANGE: true,
      SSHSIG_INVALID: true,
      SEAL_RANGE: true,
      SEGMENT_MISSING: true,
      CURSOR_INVALID: true,
      BACKUP_EXISTS: true,
      BACKUP_DAMAGED: true,
      BACKUP_NEWER: true,
      STORE_IN_USE: true,
      RESTORE_INTERRUPTED: true,
      BLOB_MISSING: true,
      BLOB_CORRUPT: true,
      NOT_FOUND: true,
      AMBIGUOUS_ID: true,
      REPORT_MALFORMED: true,
      REPORT_TRUNCATED: true,
      REPORT_TOO_LARGE: true,
      REPORT_FORBIDDEN: true,
      REPORT_CONTRADICTORY: true,
      COLLECT_FAILED: true,
      BLOB_TOO_LARGE: true,
      BLOB_QUOTA: true,
      BLOB_REMOVED: true,
      ENVELOPE_INVALID: true,
      STATEMENT_INVALID: true,
      RECEIPT_INVALID: true,
      TRACE_FAILED: true,
    };
    expect(Object.keys(codes)).toHaveLength(34);
  });

  it('stores its data in these columns', () => {
    const dir = createTempDir();
    const db = openSqlite(`${dir.path}/store.db`);
    migrateAudit(db);
    migrateAudit(db);
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    const columns = tables.map(({ name }) => {
      const rows = db.prepare('SELECT name FROM pragma_table_info(?)').all(name ?? null);
      return `${name}: ${rows.map((row) => row['name']).join(' ')}`;
    });
    db.close();
    dir.remove();
    expect(columns).toEqual([
      'evidence: id task attempt kind producer grade tree digest size at summary',
      'ledger: seq kind subject task line',
      'ledger_block: block since until kinds',
      'ledger_checkpoint: size note',
      'ledger_cursor: name seq',
      'ledger_head: only log_id size frontier last_leaf',
      'ledger_segment: first last file bytes digest before last_leaf closing rotations',
      'ledger_verified: only size before last_leaf at',
      'migration: owner number name',
    ]);
  });
});
