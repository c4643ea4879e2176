import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Digest, randomToken, sha256 } from '@signalbox/kernel';
import { AuditError } from '../errors.js';

export interface StoredBlob {
  digest: Digest;
  /** Bytes. */
  size: number;
}

/** Files named by their SHA-256: `<dir>/sha256/ab/<the other 62 digits>`. What is stored once is never changed. */
export interface BlobStore {
  /** Stores bytes, or a string's UTF-8. On return they are on the disk; the same content is kept once. */
  put(content: string | Uint8Array): Promise<StoredBlob>;
  /** Stores a copy of a file, streaming. A file that is written to meanwhile is stored as it was read. */
  putFile(path: string): Promise<StoredBlob>;
  /** The content. Throws `BLOB_MISSING`, or `BLOB_CORRUPT` if the file no longer has this digest. */
  get(digest: Digest): Promise<Buffer>;
  /** True if there is a file for `digest`; its content is not checked. */
  has(digest: Digest): Promise<boolean>;
}

const DIGEST = /^sha256:([0-9a-f]{2})([0-9a-f]{62})$/;

/** Opens the store in `dir`, which is created at the first write, for its owner only. */
export function openBlobStore(dir: string): BlobStore {
  const pathOf = (digest: string): string | undefined => {
    const [, fan, rest] = DIGEST.exec(digest) ?? [];
    return fan && rest ? join(dir, 'sha256', fan, rest) : undefined;
  };
  return {
    put: (content) => store(dir, pathOf, () => Readable.from([Buffer.from(content as Uint8Array)])),
    putFile: (path) => store(dir, pathOf, () => createReadStream(path)),
    async get(digest) {
      const path = pathOf(digest);
      const content = path === undefined ? undefined : await readIfThere(path);
      if (!content) throw missing(digest);
      if (sha256(content) !== digest) throw corrupt(digest, path);
      return content;
    },
    async has(digest) {
      const path = pathOf(digest);
      return path !== undefined && (await isFile(path));
    },
  };
}

/** Writes to a temporary file beside the store, then renames: a reader sees all of a blob or none of it. */
async function store(
  dir: string,
  pathOf: (digest: string) => string | undefined,
  openSource: () => Readable,
): Promise<StoredBlob> {
  const temp = join(dir, 'temp', randomToken('blob'));
  await mkdir(dirname(temp), { recursive: true, mode: 0o700 });
  try {
    const blob = await writeHashed(temp, openSource());
    const path = pathOf(blob.digest) as string;
    if (!(await holds(path, blob.digest))) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await rename(temp, path);
      await syncFolder(dirname(path));
    }
    return blob;
  } finally {
    await rm(temp, { force: true });
  }
}

async function writeHashed(file: string, source: Readable): Promise<StoredBlob> {
  const hasher = createHash('sha256');
  let size = 0;
  const measure = async function* (chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    for await (const chunk of chunks) {
      hasher.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  await pipeline(source, measure, createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }));
  return { digest: `sha256:${hasher.digest('hex')}`, size };
}

/** True if the file is there and whole, so that a damaged one is replaced by a good copy. */
async function holds(path: string, digest: Digest): Promise<boolean> {
  if (!(await isFile(path))) return false;
  const hasher = createHash('sha256');
  await pipeline(createReadStream(path), hasher);
  return `sha256:${hasher.digest('hex')}` === digest;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    return rethrowUnlessMissing(error, false);
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    return rethrowUnlessMissing(error, undefined);
  }
}

function rethrowUnlessMissing<T>(error: unknown, value: T): T {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value;
  throw error;
}

/** Makes a rename survive a power cut. Windows cannot open a folder, and needs no such call. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function missing(digest: string): AuditError {
  return new AuditError({
    code: 'BLOB_MISSING',
    message: `There is no blob ${digest}.`,
    hint: 'It may have been deleted on purpose; the ledger still holds its digest and size.',
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
