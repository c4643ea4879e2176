import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isoTime, sha256 } from '@signalbox/kernel';
import { openSqlite, type SqlDatabase } from '@signalbox/kernel/sqlite';
import { createCheckpoint } from '../checkpoint/checkpoint.js';
import { checkpoints, storeCheckpoint } from '../checkpoint/store.js';
import { AuditError } from '../errors.js';
import { readHead } from '../ledger/head.js';
import type { Ledger } from '../ledger/ledger.js';
import { listSegments, segmentsFolder } from '../ledger/segment.js';
import { syncFolder } from '../ledger/segment-sink.js';
import type { SigningKey } from '../signing/signing-key.js';
import { copyFile, listFiles, measureFile, syncFile } from './files.js';
import {
  BACKUP_FORMAT,
  type BackupFile,
  type BackupManifest,
  damagedBackup,
  digestInPath,
  formatManifest,
  MANIFEST_FILE,
} from './manifest.js';

export interface BackupSource {
  db: SqlDatabase;
  ledger: Ledger;
  /** The folder of blobs; it need not exist. */
  blobs: string;
  /** Where sealed segments lie. Default: the folder `segments` beside the database. */
  segments?: string;
  /** The folder of private keys; they are in the backup only if it is given. */
  keys?: string;
  /** Signs a checkpoint first, so that the backup holds one over all of its entries. */
  key?: SigningKey;
}

/** Files of a blob folder that are still being written. */
const TEMPORARY = 'temp/';

/**
 * Writes a backup into the folder `target`, which must not exist or be empty: a consistent copy of the database while others go
 * on writing, its sealed segments, the blobs, and the manifest, last. A process killed meanwhile leaves a folder without a
 * manifest, which `verifyBackup` takes for what it is. `time` is in milliseconds since the epoch. Must not be called inside
 * a transaction.
 *
 * Throws `BACKUP_EXISTS`, `BLOB_CORRUPT` for a blob that is not what its name says, `SEGMENT_MISSING`.
 */
export function createBackup(source: BackupSource, target: string, time: number): BackupManifest {
  if (existsSync(target) && readdirSync(target).length > 0) throw exists(target);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  if (source.key) storeCheckpoint(source.db, createCheckpoint(source.ledger, source.key, time));
  const database = basename(source.db.file);
  const copy = join(target, database);
  // The one statement of SQLite that copies a database in use as of one moment.
  source.db.exec(`VACUUM INTO '${copy.replaceAll("'", "''")}'`);
  syncFile(copy);
  const known = readSnapshot(copy, target);
  const files = [
    { path: database, ...measureFile(copy) },
    ...copySegments(source, known.segments, target),
    ...copyBlobs(source.blobs, target),
    ...(source.keys === undefined ? [] : copyFolder(source.keys, target, 'keys')),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest: BackupManifest = {
    format: BACKUP_FORMAT,
    createdAt: isoTime(time),
    database,
    schema: known.schema,
    ledger: known.ledger,
    checkpoint: known.checkpoint,
    keys: source.keys !== undefined,
    files,
  };
  writeManifest(target, manifest);
  return manifest;
}

interface Snapshot extends Pick<BackupManifest, 'schema' | 'ledger' | 'checkpoint'> {
  segments: string[];
}

/** What the copied database says of itself. */
function readSnapshot(copy: string, target: string): Snapshot {
  const db = openSqlite(copy, { mode: 'read-only' });
  try {
    const head = readHead(db);
    if (!head) throw damagedBackup(target, 'its database holds no ledger');
    const rows = db.prepare('SELECT owner, max(number) AS n FROM migration GROUP BY owner').all();
    return {
      schema: Object.fromEntries(rows.map((row) => [String(row['owner']), Number(row['n'])])),
      ledger: { log: head.logId, size: head.frontier.size, root: head.frontier.root().toString('base64') },
      checkpoint: checkpoints(db).at(-1) ?? null,
      segments: listSegments(db).map(({ file }) => file),
    };
  } finally {
    db.close();
  }
}

function copySegments(source: BackupSource, names: readonly string[], target: string): BackupFile[] {
  const folder = segmentsFolder(source.db, source.segments);
  return names.map((name) => {
    const from = join(folder, name);
    if (!existsSync(from)) throw missing(from);
    const path = `segments/${name}`;
    return { path, ...copyFile(from, join(target, path)) };
  });
}

/** A blob's path spells its digest, so that a damaged one is found before it is all that is left. */
function copyBlobs(blobs: string, target: string): BackupFile[] {
  return copyFolder(blobs, target, 'blobs', (path, digest) => {
    const stated = digestInPath(path);
    if (stated === undefined || digest === stated) return;
    throw new AuditError({
      code: 'BLOB_CORRUPT',
      message: `The blob ${join(blobs, path.slice('blobs/'.length))} is not what was stored.`,
      hint: 'Put the file right from an earlier backup, or remove it, then make the backup again.',
      details: { digest: stated },
    });
  });
}

function copyFolder(
  from: string,
  target: string,
  name: string,
  check: (path: string, digest: string) => void = () => {},
): BackupFile[] {
  const files: BackupFile[] = [];
  for (const path of listFiles(from)) {
    if (path.startsWith(TEMPORARY)) continue;
    const to = `${name}/${path}`;
    const copied = copyFile(join(from, path), join(target, to));
    check(to, copied.digest);
    files.push({ path: to, ...copied });
  }
  return files;
}

function writeManifest(target: string, manifest: BackupManifest): void {
  const file = join(target, MANIFEST_FILE);
  writeFileSync(`${file}.part`, formatManifest(manifest), { mode: 0o600, flush: true });
  renameSync(`${file}.part`, file);
  syncFolder(target);
}

/** What the ledger records of a backup: `backup.made`. */
export function describeBackup(manifest: BackupManifest): { digest: string; bytes: number; size: number } {
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  return { digest: sha256(formatManifest(manifest)), bytes, size: manifest.ledger.size };
}

function exists(target: string): AuditError {
  return new AuditError({
    code: 'BACKUP_EXISTS',
    message: `${target} is there already and not empty.`,
    hint: 'Name a folder that does not exist; a backup never overwrites anything.',
  });
}

function missing(file: string): AuditError {
  return new AuditError({
    code: 'SEGMENT_MISSING',
    message: `The sealed segment ${file} is not there.`,
    hint: 'Put the file back from an earlier backup, then make the backup again.',
  });
}
