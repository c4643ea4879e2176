import {
  type BackupManifest,
  type Checkpoint,
  createCheckpoint,
  createRotation,
  describeBackup,
  followRotations,
  loadSigningKey,
  originOf,
  storeCheckpoint,
  verifierKey,
} from '@signalbox/audit';
import type { JournalEntry } from '@signalbox/kernel';
import { transact } from '@signalbox/kernel/sqlite';
import { keyFiles, openSigningKey } from '../ledger/keys.js';
import type { ProjectStore } from '../project/open-store.js';

export interface Restored {
  manifest: BackupManifest;
  actor: string;
  /** The anchor that the restored log does not extend, if there is one. */
  anchor: Checkpoint | null;
}

/** Records in a restored ledger that it was restored, and signs it as it then is. Returns the signed checkpoint. */
export function recordRestore(store: ProjectStore, { manifest, actor, anchor }: Restored): string {
  const { db, ledger, clock } = store;
  const { digest, size } = describeBackup(manifest);
  const data = {
    ...{ digest, size, createdAt: manifest.createdAt },
    ...(anchor ? { anchor: { origin: anchor.origin, size: anchor.size, root: anchor.root } } : {}),
  };
  const restored = { kind: 'backup.restored', actor, subject: `log/${manifest.ledger.log}`, data };
  transact(db, () => ledger.append([restored, ...handOver(store, actor)], db));
  const note = createCheckpoint(ledger, openSigningKey(store.paths), clock.now());
  storeCheckpoint(db, note);
  return note;
}

/** If the key was replaced after the backup was made, the restored log knows nothing of it: it is told again. */
function handOver({ ledger, paths }: ProjectStore, actor: string): JournalEntry[] {
  const keys = keyFiles(paths).map(loadSigningKey);
  const [first, present] = [keys[0], keys.at(-1)];
  if (!first || !present) return [];
  const origin = originOf(ledger.head().logId);
  const rotations = ledger.read({ kind: 'key.rotated' }).map(({ data }) => data);
  const known = new Set(followRotations(first.verifier, rotations, origin).map(verifierKey));
  const from = keys.filter((key) => known.has(verifierKey(key))).at(-1);
  return known.has(verifierKey(present)) || !from ? [] : [createRotation(origin, from, present, actor)];
}
