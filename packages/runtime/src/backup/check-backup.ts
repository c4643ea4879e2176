import { join } from 'node:path';
import {
  type BackupManifest,
  type BackupReport,
  type Finding,
  loadSigningKey,
  openLedger,
  requireSoundBackup,
  type VerifierKey,
  verifyBackup,
} from '@signalbox/audit';
import { createIds, systemClock } from '@signalbox/kernel';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { RuntimeError } from '../errors.js';
import { keyFiles, readVerifiers } from '../ledger/keys.js';
import { checkTables, TABLES_AGREE } from '../ledger/verify-tables.js';
import type { ProjectPaths } from '../project/paths.js';

/** Checks a backup as {@link checkByAny} does, and its tables against its log. */
export function checkBackup(folder: string, keys: readonly VerifierKey[], anchor?: string): BackupReport {
  const report = checkByAny(folder, keys, anchor);
  const { ledger, manifest } = report;
  if (!report.ok || !ledger) return report;
  const difference = checkCopiedTables(folder, manifest);
  if (difference) return { ...report, ok: false, problems: [difference.reason] };
  return { ...report, ledger: { ...ledger, proved: [...ledger.proved, TABLES_AGREE] } };
}

function checkCopiedTables(folder: string, { database }: BackupManifest): Finding | undefined {
  const db = openSqlite(join(folder, database), { mode: 'read-only' });
  try {
    // Nothing is appended, so neither the clock nor the ids are asked.
    const ledger = openLedger(db, { clock: systemClock, ids: createIds(systemClock), source: 'signalbox' });
    return checkTables(db, ledger);
  } finally {
    db.close();
  }
}

/** Checks a backup by each of the keys until one has it that all is well; without keys, signatures are not checked. */
function checkByAny(folder: string, keys: readonly VerifierKey[], anchor?: string): BackupReport {
  const check = anchor === undefined ? {} : { anchor };
  const [first, ...others] = keys;
  let report = verifyBackup(folder, first ? { ...check, verifier: first } : check);
  for (const verifier of others) {
    if (report.ok) return report;
    const other = verifyBackup(folder, { ...check, verifier });
    if (other.ok) report = other;
  }
  return report;
}

/** Which keys a restored log goes on with. */
export interface KeysToGoOnWith {
  verifier: VerifierKey;
  /** `project`: those that are here stay; `backup`: those in the backup are taken. */
  from: 'project' | 'backup';
}

/**
 * The keys with which a backup verifies: a log can go on only with the key that has signed it, or one that this was handed on
 * to. Throws audit's `BACKUP_DAMAGED` and `BACKUP_NEWER`, or `KEY_LOST` for a sound one whose key is nowhere.
 */
export function chooseKeys(folder: string, paths: ProjectPaths): { report: BackupReport; keys: KeysToGoOnWith } {
  const { manifest } = requireSoundBackup(folder);
  const own = keyFiles(paths).length > 0 ? readVerifiers(paths) : [];
  const inside = keyFiles({ keys: join(folder, 'keys'), signingKey: join(folder, 'keys', 'ledger.pem') });
  const candidates: KeysToGoOnWith[] = [
    ...own.map((verifier) => ({ verifier, from: 'project' as const })),
    ...(manifest.keys ? inside : []).map((file) => ({
      verifier: loadSigningKey(file).verifier,
      from: 'backup' as const,
    })),
  ];
  for (const keys of candidates) {
    const report = verifyBackup(folder, { verifier: keys.verifier });
    if (report.ok) return { report, keys };
  }
  throw new RuntimeError({
    code: 'KEY_LOST',
    message: `The backup ${folder} is sound, but the key that signed its log is neither in it nor here.`,
    hint: `Put that key at ${paths.signingKey}, or restore a backup that was made with --with-keys.`,
  });
}
