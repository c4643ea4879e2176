import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type Digest, sha256 } from '@signalbox/kernel';
import { AuditError } from '../errors.js';
import { holds, isFile, moveIntoPlace, pathOf, readIfThere, withTemporary, writeHashed } from './blob-files.js';
import { type BlobMeasure, measureBlobs } from './measure-blobs.js';
import { readTombstone, type Tombstone, writeTombstone } from './tombstone.js';

export interface StoredBlob {
  digest: Digest;
  /** Bytes. */
  size: number;
}

/** Bytes, a string's UTF-8, or a file that is read as it is stored. */
export type BlobContent = string | Uint8Array | { file: string };

export interface AddedBlob extends StoredBlob {
  /** False if the same content was there already: it is kept once. */
  isNew: boolean;
}

/** What became of a blob. */
export type BlobState =
  | { state: 'whole'; size: number }
  | { state: 'removed'; tombstone: Tombstone }
  | { state: 'missing' }
  /** There is a file, and it is not what was stored. */
  | { state: 'corrupt' };

export interface BlobLimits {
  /** Bytes of one blob. Default: 256 MiB. */
  maxBlobBytes?: number;
}

/** Files named by their SHA-256: `<dir>/sha256/ab/<the other 62 digits>`. What is stored once is never changed. */
export interface BlobStore {
  /**
   * Stores bytes, or a string's UTF-8. On return they are on the disk; the same content is kept once. Throws
   * `BLOB_TOO_LARGE`, and `BLOB_REMOVED` for content that was removed to be kept out.
   */
  put(content: string | Uint8Array): Promise<StoredBlob>;
  /** Stores a copy of a file, streaming; else like `put`. A file that is written to meanwhile is stored as it was read. */
  putFile(path: string): Promise<StoredBlob>;
  /** Like `put`, with a limit of its own, and says whether the content was new. */
  add(content: BlobContent, options?: { maxBytes?: number }): Promise<AddedBlob>;
  /** The content. Throws `BLOB_MISSING`, `BLOB_REMOVED`, or `BLOB_CORRUPT` if the file no longer has this digest. */
  get(digest: Digest): Promise<Buffer>;
  /** True if there is a file for `digest` and it was not removed; its content is not checked. */
  has(digest: Digest): Promise<boolean>;
  /** Looks closely: reads the whole file. */
  check(digest: Digest): Promise<BlobState>;
  /**
   * Deletes the content and leaves a tombstone that says when and why, so that whoever checks the evidence can tell it from a
   * loss. With `keepOut`, storing the same content again is refused; without, it brings the blob back. Recording the removal
   * in the ledger is the caller's, first. Removing twice changes nothing. Throws `BLOB_MISSING` for what never was there.
   */
  remove(digest: Digest, removal: BlobRemoval): Promise<Tombstone>;
  /** Counts everything. Reads the folder, not the files. */
  measure(): Promise<BlobMeasure>;
}

export interface BlobRemoval {
  /** A sentence, redacted. */
  reason: string;
  /** Milliseconds since the epoch. */
  at: number;
  keepOut?: boolean;
}

const MAX_BLOB_BYTES = 256 * 1024 * 1024;

/** Opens the store in `dir`, which is created at the first write, for its owner only. */
export function openBlobStore(dir: string, limits: BlobLimits = {}): BlobStore {
  const { maxBlobBytes = MAX_BLOB_BYTES } = limits;
  const put = async (content: BlobContent): Promise<StoredBlob> => {
    const { digest, size } = await addBlob(dir, content, maxBlobBytes);
    return { digest, size };
  };
  return {
    put,
    putFile: (file) => put({ file }),
    add: (content, { maxBytes = maxBlobBytes } = {}) => addBlob(dir, content, Math.min(maxBytes, maxBlobBytes)),
    async get(digest) {
      const tombstone = await readTombstone(dir, digest);
      if (tombstone) throw removed(tombstone);
      const path = pathOf(dir, 'sha256', digest);
      const content = path === undefined ? undefined : await readIfThere(path);
      if (!content) throw missing(digest);
      if (sha256(content) !== digest) throw corrupt(digest, path);
      return content;
    },
    async has(digest) {
      const path = pathOf(dir, 'sha256', digest);
      return path !== undefined && (await isFile(path)) && !(await readTombstone(dir, digest));
    },
    check: (digest) => checkBlob(dir, digest),
    remove: (digest, removal) => removeBlob(dir, digest, removal),
    measure: () => measureBlobs(dir),
  };
}

async function addBlob(dir: string, content: BlobContent, maxBytes: number): Promise<AddedBlob> {
  return withTemporary(dir, async (temp) => {
    const blob = await writeHashed(temp, openContent(content), maxBytes);
    const path = pathOf(dir, 'sha256', blob.digest) as string;
    const tombstone = await readTombstone(dir, blob.digest);
    if (tombstone?.keepOut) throw removed(tombstone);
    const isNew = !(await holds(path, blob.digest));
    if (isNew) await moveIntoPlace(temp, path);
    // Last: until then the tombstone holds, so that a crash in between leaves a removed blob and not a half-returned one.
    if (tombstone) await rm(pathOf(dir, 'removed', blob.digest) as string, { force: true });
    return { ...blob, isNew: isNew || tombstone !== undefined };
  });
}

async function checkBlob(dir: string, digest: Digest): Promise<BlobState> {
  const tombstone = await readTombstone(dir, digest);
  if (tombstone) return { state: 'removed', tombstone };
  const path = pathOf(dir, 'sha256', digest);
  const content = path === undefined ? undefined : await readIfThere(path);
  if (!content) return { state: 'missing' };
  return sha256(content) === digest ? { state: 'whole', size: content.length } : { state: 'corrupt' };
}

async function removeBlob(dir: string, digest: Digest, removal: BlobRemoval): Promise<Tombstone> {
  const path = pathOf(dir, 'sha256', digest);
  const known = await readTombstone(dir, digest);
  const content = path === undefined ? undefined : await readIfThere(path);
  if (path === undefined || (!content && !known)) throw missing(digest);
  const tombstone = known ?? (await writeTombstone(dir, digest, content?.length ?? 0, removal));
  await rm(path, { force: true });
  return tombstone;
}

/** Opened only when it is read at once: nobody would hear of an error before. */
function openContent(content: BlobContent): Readable {
  if (typeof content === 'object' && 'file' in content) return createReadStream(content.file);
  return Readable.from([Buffer.from(content as Uint8Array)]);
}

function removed({ digest, removedAt, reason, keepOut }: Tombstone): AuditError {
  return new AuditError({
    code: 'BLOB_REMOVED',
    message: `The blob ${digest} was removed, on ${removedAt}, because ${reason}.`,
    hint: keepOut
      ? 'This content is to be kept out; the ledger still holds its digest and size.'
      : 'The ledger still holds its digest and size.',
    details: { digest, removedAt, reason },
  });
}

function missing(digest: string): AuditError {
  return new AuditError({
    code: 'BLOB_MISSING',
    message: `There is no blob ${digest}.`,
    hint: 'It was lost or deleted by hand, since nothing says that it was removed; restore it from a backup.',
    details: { digest },
  });
}

function corrupt(digest: string, path: string | undefined): AuditError {
  return new AuditError({
    code: 'BLOB_CORRUPT',
    message: `The blob ${digest} is not what was stored${path === undefined ? '' : ` (${path})`}.`,
    hint: 'Restore the file from a backup; its content no longer proves anything.',
    details: { digest },
  });
}
