import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Digest } from '@signalbox/kernel';

const CHUNK = 256 * 1024;

/** Copies a file durably and says what was copied. The folder of `to` is made; `to` must not exist. */
export function copyFile(from: string, to: string): { bytes: number; digest: Digest } {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  const target = openSync(to, 'wx', 0o600);
  try {
    const copied = readThrough(from, (chunk) => {
      for (let at = 0; at < chunk.length; ) at += writeSync(target, chunk, at);
    });
    fsyncSync(target);
    return copied;
  } finally {
    closeSync(target);
  }
}

/** Size and digest of a file. */
export function measureFile(file: string): { bytes: number; digest: Digest } {
  return readThrough(file, () => {});
}

function readThrough(file: string, take: (chunk: Buffer) => void): { bytes: number; digest: Digest } {
  const source = openSync(file, 'r');
  const buffer = Buffer.alloc(CHUNK);
  const hasher = createHash('sha256');
  let bytes = 0;
  try {
    for (let read = readSync(source, buffer); read > 0; read = readSync(source, buffer)) {
      const chunk = buffer.subarray(0, read);
      hasher.update(chunk);
      take(chunk);
      bytes += read;
    }
  } finally {
    closeSync(source);
  }
  return { bytes, digest: `sha256:${hasher.digest('hex')}` };
}

/** Paths of all plain files under a folder, sorted, with `/` between folders; none if it is not there. Links are not followed. */
export function listFiles(folder: string, within = ''): string[] {
  const names = readNames(join(folder, within)).sort();
  return names.flatMap((name) => {
    const path = within === '' ? name : `${within}/${name}`;
    const stats = lstatSync(join(folder, path));
    if (stats.isDirectory()) return listFiles(folder, path);
    return stats.isFile() ? [path] : [];
  });
}

/** Writes what is known of a file to the disk. */
export function syncFile(file: string): void {
  const handle = openSync(file, 'r+');
  fsyncSync(handle);
  closeSync(handle);
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
