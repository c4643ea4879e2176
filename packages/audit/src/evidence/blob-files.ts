import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Digest, randomToken } from '@signalbox/kernel';
import { AuditError } from '../errors.js';

const DIGEST = /^sha256:([0-9a-f]{2})([0-9a-f]{62})$/;

/** Where a blob, or its tombstone, lies; `undefined` for something that is no digest. */
export function pathOf(dir: string, kind: 'sha256' | 'removed', digest: string): string | undefined {
  const [, fan, rest] = DIGEST.exec(digest) ?? [];
  return fan && rest ? join(dir, kind, fan, rest) : undefined;
}

/** Writes a file in full beside the store and hands its path to `place`: a reader sees all of a blob or none of it. */
export async function withTemporary<T>(dir: string, work: (temp: string) => Promise<T>): Promise<T> {
  const temp = join(dir, 'temp', randomToken('blob'));
  await mkdir(dirname(temp), { recursive: true, mode: 0o700 });
  try {
    return await work(temp);
  } finally {
    await rm(temp, { force: true });
  }
}

/** Copies `source` to a new file and hashes it on the way. Throws `BLOB_TOO_LARGE` above `maxBytes`. */
export async function writeHashed(
  file: string,
  source: Readable,
  maxBytes: number,
): Promise<{ digest: Digest; size: number }> {
  const hasher = createHash('sha256');
  let size = 0;
  const measure = async function* (chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      hasher.update(chunk);
      yield chunk;
    }
  };
  await pipeline(source, measure, createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }));
  return { digest: `sha256:${hasher.digest('hex')}`, size };
}

/** Moves a finished file to its place, so that it survives a power cut. */
export async function moveIntoPlace(temp: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rename(temp, path);
  await syncFolder(dirname(path));
}

/** True if the file is there and whole, so that a damaged one is replaced by a good copy. */
export async function holds(path: string, digest: Digest): Promise<boolean> {
  if (!(await isFile(path))) return false;
  const hasher = createHash('sha256');
  await pipeline(createReadStream(path), hasher);
  return `sha256:${hasher.digest('hex')}` === digest;
}

export async function isFile(path: string): Promise<boolean> {
  return orIfMissing(
    stat(path).then((stats) => stats.isFile()),
    false,
  );
}

export async function readIfThere(path: string): Promise<Buffer | undefined> {
  return orIfMissing(readFile(path), undefined);
}

/** Makes a change of a folder survive a power cut. Windows cannot open a folder, and needs no such call. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** What `promise` gives, or `value` if there is no such file or folder. */
export async function orIfMissing<T, U>(promise: Promise<T>, value: U): Promise<T | U> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value;
    throw error;
  }
}

function tooLarge(maxBytes: number): AuditError {
  return new AuditError({
    code: 'BLOB_TOO_LARGE',
    message: `The content has more than ${maxBytes} bytes.`,
    hint: 'Keep its digest and size instead, or a part of it that is marked as cut.',
    details: { maxBytes },
  });
}
