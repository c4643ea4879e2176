import { join } from 'node:path';
import {
  type BackupReport,
  loadSigningKey,
  requireSoundBackup,
  type VerifierKey,
  verifyBackup,
} from '@signalbox/audit';
import { RuntimeError } from '../errors.js';
import { keyFiles, readVerifiers } from '../ledger/keys.js';
import type { ProjectPaths } from '../project/paths.js';

/** Checks a backup by each of the keys until one has it that all is well; without keys, signatures are not checked. */
export function checkBackup(folder: string, keys: readonly VerifierKey[], anchor?: string): BackupReport {
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
