import { AuditError } from '../errors.js';
import type { BlobContent, BlobStore, StoredBlob } from './blob-store.js';

/** The store as one attempt sees it: everything that it puts there counts against one sum. */
export interface LimitedBlobs extends Pick<BlobStore, 'put' | 'putFile'> {
  /** Throws `BLOB_QUOTA` when the sum is used up; nothing is kept of what does not fit. */
  put(content: string | Uint8Array): Promise<StoredBlob>;
  putFile(path: string): Promise<StoredBlob>;
  usage(): BlobUsage;
}

export interface BlobUsage {
  /** How often something was stored, and its bytes. */
  puts: number;
  bytes: number;
  /** Of them what was there already and takes no room of its own. It counts against the sum all the same. */
  shared: number;
  sharedBytes: number;
}

/**
 * Puts an upper limit on what one attempt may store. `usedBytes` is what it has stored before, when it goes on after a
 * restart. One put at a time: whoever calls must await each, or the sum may be exceeded by what runs at once.
 */
export function limitBlobs(
  store: Pick<BlobStore, 'add'>,
  { maxTotalBytes, usedBytes = 0 }: { maxTotalBytes: number; usedBytes?: number },
): LimitedBlobs {
  const usage: BlobUsage = { puts: 0, bytes: 0, shared: 0, sharedBytes: 0 };
  const add = async (content: BlobContent): Promise<StoredBlob> => {
    const left = Math.max(0, maxTotalBytes - usedBytes - usage.bytes);
    const { isNew, ...blob } = await store.add(content, { maxBytes: left }).catch((error: unknown) => {
      const limit = error instanceof AuditError && error.code === 'BLOB_TOO_LARGE' ? error.details?.['maxBytes'] : null;
      throw limit === left ? quota(maxTotalBytes, error) : error;
    });
    usage.puts += 1;
    usage.bytes += blob.size;
    usage.shared += isNew ? 0 : 1;
    usage.sharedBytes += isNew ? 0 : blob.size;
    return blob;
  };
  return { put: add, putFile: (file) => add({ file }), usage: () => ({ ...usage }) };
}

function quota(maxTotalBytes: number, cause: unknown): AuditError {
  return new AuditError({
    code: 'BLOB_QUOTA',
    message: `The evidence of the attempt is larger than ${maxTotalBytes} bytes in all.`,
    hint: 'Collect fewer or smaller files, or raise the limit.',
    details: { maxTotalBytes },
    cause,
  });
}
