import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { checkpoints } from '../checkpoint/store.js';
import { readHead } from '../ledger/head.js';
import { schemaVersion } from '../migrations.js';
import type { VerifierKey } from '../signing/verifier-key.js';
import type { LedgerReport } from '../verify/report.js';
import { verifyStoredLedger } from '../verify/stored.js';
import { listFiles, measureFile } from './files.js';
import {
  type BackupManifest,
  damagedBackup,
  digestInPath,
  MANIFEST_FILE,
  newerBackup,
  readManifest,
} from './manifest.js';

export interface BackupCheck {
  /** The key that the ledger in the backup must be signed with. */
  verifier?: VerifierKey;
  /** A checkpoint from elsewhere, which shows that the backup is not older than it should be. */
  anchor?: string;
  /** The newest schema of each other package that this version knows; its own it knows by itself. */
  schema?: Readonly<Record<string, number>>;
}

export interface BackupReport {
  ok: boolean;
  /** What is wrong: one sentence each. */
  problems: string[];
  manifest: BackupManifest;
  /** Absent if the database is not what was copied. */
  ledger?: LedgerReport;
}

/**
 * Checks a backup: that it was finished, that every file is there as it was copied and no other, and that the ledger in it
 * verifies. Changes nothing. Throws `BACKUP_DAMAGED` without a sound manifest, `BACKUP_NEWER` if a newer version made it.
 */
export function verifyBackup(folder: string, check: BackupCheck = {}): BackupReport {
  return verifyCopied(folder, check, []);
}

/** {@link verifyBackup}, but throws `BACKUP_DAMAGED` also for what it finds. */
export function requireSoundBackup(folder: string, check: BackupCheck = {}): BackupReport {
  return mustBeSound(folder, verifyBackup(folder, check));
}

/** Throws `BACKUP_DAMAGED` with the first problem. */
export function mustBeSound(folder: string, report: BackupReport): BackupReport {
  if (report.ok) return report;
  const [first = '', ...others] = report.problems;
  throw damagedBackup(folder, `${first.replace(/\.$/, '')}${others.length > 0 ? `, and ${others.length} more` : ''}`);
}

/** {@link verifyBackup}, of a folder in which there are other files too. */
export function verifyCopied(folder: string, check: BackupCheck, others: readonly string[]): BackupReport {
  const manifest = readManifest(folder);
  refuseNewer(folder, manifest, { ...check.schema, audit: schemaVersion });
  const problems = checkFiles(folder, manifest, others);
  if (problems.length > 0) return { ok: false, problems, manifest };
  const { ledger, differences } = checkLedger(folder, manifest, check);
  problems.push(...differences);
  if (!ledger.ok) problems.push(`The ledger does not verify: ${ledger.reason}`);
  return { ok: problems.length === 0, problems, manifest, ledger };
}

function checkFiles(folder: string, manifest: BackupManifest, others: readonly string[]): string[] {
  const problems: string[] = [];
  const known = new Set([MANIFEST_FILE, ...others]);
  for (const { path, bytes, digest } of manifest.files) {
    known.add(path);
    const file = join(folder, path);
    if (!existsSync(file)) problems.push(`${path} is not there.`);
    else {
      const found = measureFile(file);
      if (found.bytes !== bytes || found.digest !== digest) problems.push(`${path} is not as it was copied.`);
      else if ((digestInPath(path) ?? digest) !== digest)
        problems.push(`${path} is not the content that its name says.`);
    }
  }
  for (const path of listFiles(folder)) if (!known.has(path)) problems.push(`${path} does not belong to the backup.`);
  return problems;
}

function checkLedger(
  folder: string,
  manifest: BackupManifest,
  { verifier, anchor }: BackupCheck,
): { ledger: LedgerReport; differences: string[] } {
  const db = openSqlite(join(folder, manifest.database), { mode: 'read-only' });
  try {
    const ledger = verifyStoredLedger(db, {
      segments: join(folder, 'segments'),
      ...(verifier ? { verifier } : {}),
      ...(anchor === undefined ? {} : { anchor }),
    });
    const head = readHead(db);
    const stated = manifest.ledger;
    const differences: string[] = [];
    if (
      head?.logId !== stated.log ||
      head.frontier.size !== stated.size ||
      head.frontier.root().toString('base64') !== stated.root
    )
      differences.push('The manifest speaks of another ledger than the one in the database.');
    if ((checkpoints(db).at(-1) ?? null) !== manifest.checkpoint)
      differences.push('The manifest states another checkpoint than the newest in the database.');
    return { ledger, differences };
  } finally {
    db.close();
  }
}

function refuseNewer(folder: string, manifest: BackupManifest, known: Readonly<Record<string, number>>): void {
  for (const [owner, version] of Object.entries(manifest.schema)) {
    const own = known[owner];
    if (own !== undefined && version > own)
      throw newerBackup(folder, `${owner} schema ${version}, this version knows ${own}`);
  }
}
