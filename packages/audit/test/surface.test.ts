import { describe, expect, it } from '@jest/globals';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { createTempDir } from '@signalbox/testkit';
import * as audit from '../src/index.js';
import { migrateAudit } from '../src/migrations.js';

describe('the surface of the package', () => {
  it('exports these names and no others', () => {
    expect(Object.keys(audit).sort()).toEqual([
      'AuditError',
      'checkpoints',
      'createCheckpoint',
      'createSigningKey',
      'exportLedger',
      'loadSigningKey',
      'openBlobStore',
      'openEvidence',
      'openLedger',
      'originOf',
      'parseCheckpoint',
      'parseEntry',
      'parseVerifierKey',
      'redactJson',
      'redactText',
      'saveSigningKey',
      'storeCheckpoint',
      'verifierKey',
      'verifyCheckpoint',
      'verifyExport',
      'verifyLedger',
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
      BLOB_MISSING: true,
      BLOB_CORRUPT: true,
      NOT_FOUND: true,
      AMBIGUOUS_ID: true,
    };
    expect(Object.keys(codes)).toHaveLength(11);
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
      'ledger_checkpoint: size note',
      'ledger_head: only log_id size frontier last_leaf',
      'migration: owner number name',
    ]);
  });
});
