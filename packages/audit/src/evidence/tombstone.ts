import { writeFile } from 'node:fs/promises';
import { canonicalJson, type Digest, isoTime } from '@signalbox/kernel';
import { moveIntoPlace, pathOf, readIfThere, withTemporary } from './blob-files.js';

/** What stands in place of a blob that was removed on purpose. */
export interface Tombstone {
  digest: Digest;
  /** Bytes of what was removed. */
  size: number;
  /** ISO 8601 in UTC. */
  removedAt: string;
  reason: string;
  /** The same content is not to be stored again. */
  keepOut: boolean;
}

/**
 * A tombstone is a file like any other: whoever can delete a blob can write one. Trust it only as far as an entry of the ledger
 * says the same.
 */
export async function readTombstone(dir: string, digest: string): Promise<Tombstone | undefined> {
  const path = pathOf(dir, 'removed', digest);
  const text = path === undefined ? undefined : (await readIfThere(path))?.toString('utf8');
  return text === undefined ? undefined : parseTombstone(text, digest);
}

/** Writes the tombstone before anything is deleted: a crash in between leaves a blob that counts as removed. */
export async function writeTombstone(
  dir: string,
  digest: Digest,
  size: number,
  removal: { reason: string; at: number; keepOut?: boolean },
): Promise<Tombstone> {
  const { reason, at, keepOut = false } = removal;
  const tombstone: Tombstone = { digest, size, removedAt: isoTime(at), reason, keepOut };
  await withTemporary(dir, async (temp) => {
    await writeFile(temp, `${canonicalJson(tombstone)}\n`, { flag: 'wx', mode: 0o600, flush: true });
    await moveIntoPlace(temp, pathOf(dir, 'removed', digest) as string);
  });
  return tombstone;
}

/** A file that is no tombstone of this digest is as good as none: the blob then counts as it is, or as missing. */
function parseTombstone(text: string, digest: string): Tombstone | undefined {
  try {
    const { size, removedAt, reason, keepOut, ...rest } = JSON.parse(text) as Partial<Tombstone>;
    if (rest.digest !== digest || typeof size !== 'number') return undefined;
    if (typeof removedAt !== 'string' || typeof reason !== 'string' || typeof keepOut !== 'boolean') return undefined;
    return { digest: rest.digest, size, removedAt, reason, keepOut };
  } catch {
    return undefined;
  }
}
