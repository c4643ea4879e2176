import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Digest, sha256 } from '@signalbox/kernel';
import { failed } from './failed.js';
import { walkFolder } from './walk.js';

/** A file, or a link with the digest of where it points. */
export interface ListedFile {
  digest: Digest;
  size: number;
  /** As git writes it. */
  mode: '100644' | '100755' | '120000';
}

/** What was in a folder at one moment: path, relative and with slashes, to file. */
export type Listing = ReadonlyMap<string, ListedFile>;

export interface ListedChange {
  path: string;
  status: 'added' | 'modified' | 'deleted' | 'renamed';
  /** Of a renamed file. */
  from?: string;
  before: ListedFile | null;
  after: ListedFile | null;
}

const MAX_FILES = 200_000;

/** Reads a whole folder: for one without a repository, before the agent begins. Links are not followed. */
export async function takeListing(
  folder: string,
  options: { skip?(path: string): boolean; maxFiles?: number; signal?: AbortSignal } = {},
): Promise<Listing> {
  const { skip, maxFiles = MAX_FILES, signal } = options;
  const listing = new Map<string, ListedFile>();
  for (const { path, kind } of walkFolder(folder, skip)) {
    signal?.throwIfAborted();
    if (kind === 'other') continue;
    if (listing.size >= maxFiles) {
      throw failed(`The folder holds over ${maxFiles} files`, 'Leave folders out, or make it a git repository.');
    }
    listing.set(path, await listFile(join(folder, path), kind));
  }
  return listing;
}

async function listFile(path: string, kind: 'file' | 'link'): Promise<ListedFile> {
  try {
    if (kind === 'link') {
      const target = readlinkSync(path);
      return { digest: sha256(target), size: Buffer.byteLength(target), mode: '120000' };
    }
    const { size, mode } = lstatSync(path);
    const hasher = createHash('sha256');
    await pipeline(createReadStream(path), hasher);
    const digest: Digest = `sha256:${hasher.digest('hex')}`;
    return { digest, size, mode: (mode & 0o100) === 0 ? '100644' : '100755' };
  } catch (error) {
    throw failed('A file of the folder cannot be read', 'Look at what was left there.', error);
  }
}

/** What is different, sorted by path. A file that is gone and one of the same content that is new are a renaming. */
export function compareListings(before: Listing, after: Listing): ListedChange[] {
  const changes: ListedChange[] = [];
  const gone = new Map<string, string[]>();
  for (const [path, file] of before) {
    if (after.has(path)) continue;
    const same = gone.get(file.digest);
    if (same) same.push(path);
    else gone.set(file.digest, [path]);
  }
  for (const [path, file] of after) {
    const old = before.get(path);
    if (!old) {
      const from = file.size > 0 ? gone.get(file.digest)?.shift() : undefined;
      if (from === undefined) changes.push({ path, status: 'added', before: null, after: file });
      else changes.push({ path, from, status: 'renamed', before: before.get(from) ?? null, after: file });
    } else if (old.digest !== file.digest || old.mode !== file.mode) {
      changes.push({ path, status: 'modified', before: old, after: file });
    }
  }
  for (const paths of gone.values()) {
    for (const path of paths) changes.push({ path, status: 'deleted', before: before.get(path) ?? null, after: null });
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}
