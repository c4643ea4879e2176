import type { Digest } from '@signalbox/kernel';
import type { BlobState, BlobStore } from './blob-store.js';

export type CheckedBlob = BlobState & {
  digest: Digest;
  /** What the state means, in words; for a removed blob also when and why. */
  says: string;
};

/**
 * Looks at every blob that evidence refers to, each digest once. A removed one is no damage: what it proved can no longer be
 * looked at, and the entry of the ledger still says what it was. `size` is what the evidence recorded.
 */
export async function checkBlobs(
  store: Pick<BlobStore, 'check'>,
  evidence: readonly { digest: Digest; size: number }[],
): Promise<CheckedBlob[]> {
  const sizes = new Map(evidence.map(({ digest, size }) => [digest, size]));
  const checked: CheckedBlob[] = [];
  for (const [digest, size] of sizes) {
    const found = await store.check(digest);
    const state: BlobState = found.state === 'removed' && found.tombstone.size !== size ? { state: 'missing' } : found;
    checked.push({ ...state, digest, says: inWords(state) });
  }
  return checked;
}

function inWords(found: BlobState): string {
  switch (found.state) {
    case 'whole':
      return 'It is what was stored.';
    case 'removed':
      return `It was removed, on ${found.tombstone.removedAt}, because ${found.tombstone.reason}.`;
    case 'missing':
      return 'It is gone, and nothing says why.';
    case 'corrupt':
      return 'It was changed on the disk.';
  }
}
