import { type BlobStore, type CollectContext, limitBlobs } from '@signalbox/audit';
import type { ExecutorEnv } from './env.js';

/** The store as one attempt sees it. */
export function attemptBlobs(env: Pick<ExecutorEnv, 'blobs' | 'collect'>): Pick<BlobStore, 'put'> {
  return limitBlobs(env.blobs, { maxTotalBytes: env.collect.maxBytes });
}

/**
 * What collectors are given. Their signal never aborts: what an attempt that was stopped has left is evidence as well, and
 * each of them has limits of its own.
 */
export function collectContext(
  env: Pick<ExecutorEnv, 'redactor' | 'store'>,
  about: { task: string; attempt: string; folder: string; tree: string | null; blobs: Pick<BlobStore, 'put'> },
): CollectContext {
  const { signal } = new AbortController();
  return { ...about, redactor: env.redactor, clock: env.store.clock, signal };
}
