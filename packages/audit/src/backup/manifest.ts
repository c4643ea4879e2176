import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, type Digest, digestOf } from '@signalbox/kernel';
import { AuditError } from '../errors.js';

/** The file that makes a folder a backup. It is written last: without it, the backup was not finished. */
export const MANIFEST_FILE = 'manifest.json';
export const BACKUP_FORMAT = 1;

export interface BackupFile {
  /** Within the backup, with `/` between folders. */
  path: string;
  bytes: number;
  digest: Digest;
}

/** What a backup holds. */
export interface BackupManifest {
  format: number;
  /** ISO 8601. */
  createdAt: string;
  /** Path of the database within the backup. */
  database: string;
  /** How many migrations of each package the database has seen. */
  schema: Record<string, number>;
  ledger: { log: string; size: number; root: string };
  /** The newest checkpoint: a signed note, or null if none was ever made. */
  checkpoint: string | null;
  /** True if private keys are in it. */
  keys: boolean;
  /** Sorted by path. */
  files: BackupFile[];
}

/** The text of the manifest's file: the manifest and its own digest. */
export function formatManifest(manifest: BackupManifest): string {
  return `${canonicalJson({ digest: digestOf(manifest), manifest })}\n`;
}

/** Reads the manifest of a backup. Throws `BACKUP_DAMAGED`, or `BACKUP_NEWER` for a format that this version does not know. */
export function readManifest(folder: string): BackupManifest {
  const file = join(folder, MANIFEST_FILE);
  if (!existsSync(file)) throw damagedBackup(folder, 'it has no manifest, so it was never finished');
  const manifest = parseManifest(readFileSync(file, 'utf8'));
  if (!manifest) throw damagedBackup(folder, 'its manifest is not as it was written');
  if (manifest.format > BACKUP_FORMAT) throw newerBackup(folder, `format ${manifest.format}`);
  return manifest;
}

function parseManifest(text: string): BackupManifest | undefined {
  try {
    const { manifest } = JSON.parse(text) as { manifest: BackupManifest };
    return formatManifest(manifest) === text && isOurs(manifest) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/**
 * One database and, in their folders, what belongs to it: a second database or a write-ahead log of the first would be taken
 * for the state by whoever restores it, and nobody would have verified that.
 */
function isOurs({ database, files }: BackupManifest): boolean {
  const isPlaced = ({ path }: BackupFile): boolean => path === database || /^(?:segments|blobs|keys)\//.test(path);
  return files.every((file) => isWithin(file) && isPlaced(file)) && files.some(({ path }) => path === database);
}

/** A path that stays within the backup: whoever made the manifest must not choose where a restore writes. */
function isWithin({ path }: BackupFile): boolean {
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..' && !/[\\:\0]/.test(name));
}

/** The digest that the path of a blob within a backup spells; `undefined` for any other file. */
export function digestInPath(path: string): Digest | undefined {
  const [, digits] = /^blobs\/sha256\/([0-9a-f/]+)$/.exec(path) ?? [];
  const hex = digits?.replaceAll('/', '');
  return hex?.length === 64 ? `sha256:${hex}` : undefined;
}

export function damagedBackup(folder: string, what: string): AuditError {
  return new AuditError({
    code: 'BACKUP_DAMAGED',
    message: `The backup ${folder} cannot be used: ${what}.`,
    hint: 'Use another backup; nothing was changed.',
  });
}

export function newerBackup(folder: string, what: string): AuditError {
  return new AuditError({
    code: 'BACKUP_NEWER',
    message: `The backup ${folder} was made by a newer version (${what}).`,
    hint: 'Install the version that made it; nothing was changed.',
  });
}
