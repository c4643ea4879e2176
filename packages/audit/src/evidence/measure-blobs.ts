import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { orIfMissing } from './blob-files.js';

export interface BlobMeasure {
  /** Files. Content that was stored several times is one. */
  blobs: number;
  bytes: number;
  /** Tombstones. */
  removed: number;
}

export async function measureBlobs(dir: string): Promise<BlobMeasure> {
  const measure: BlobMeasure = { blobs: 0, bytes: 0, removed: 0 };
  for await (const file of filesIn(join(dir, 'sha256'))) {
    measure.blobs += 1;
    measure.bytes += await orIfMissing(
      stat(file).then(({ size }) => size),
      0,
    );
  }
  for await (const _ of filesIn(join(dir, 'removed'))) measure.removed += 1;
  return measure;
}

async function* filesIn(dir: string): AsyncGenerator<string> {
  for (const fan of await orIfMissing(readdir(dir), [])) {
    for (const name of await orIfMissing(readdir(join(dir, fan)), [])) yield join(dir, fan, name);
  }
}
