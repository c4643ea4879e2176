import {
  type CheckedBlob,
  checkBlobs,
  type Evidence,
  type LedgerReport,
  openBlobStore,
  type Tombstone,
} from '@signalbox/audit';
import type { Digest } from '@signalbox/kernel';
import { actorName } from '../actor.js';
import { RuntimeError } from '../errors.js';
import type { ProjectStore } from '../project/open-store.js';
import type { Signalbox } from '../signalbox.js';
import type { LedgerService } from './ledger-service.js';

export interface CheckedEvidence extends Pick<Evidence, 'id' | 'kind' | 'grade' | 'digest' | 'size'> {
  state: CheckedBlob['state'];
  /** What the state means, in a sentence. */
  says: string;
}

export interface EvidenceReport {
  /** Everything that was collected is there, or was removed on record; and the log, which says what it was, is sound. */
  ok: boolean;
  task: string;
  evidence: CheckedEvidence[];
  /** The whole log, and the table of evidence held against it. */
  ledger: LedgerReport;
}

/** Checks the evidence of one task: every content, what the table says of it, and the log that recorded it. */
export async function verifyEvidence(
  store: Pick<ProjectStore, 'paths' | 'evidence' | 'ledger'>,
  ledger: Pick<LedgerService, 'verify'>,
  task: string,
): Promise<EvidenceReport> {
  const report = await ledger.verify();
  const items = await store.evidence.list({ task });
  const blobs = await checkBlobs(openBlobStore(store.paths.blobs), items);
  const found = new Map(blobs.map((blob) => [blob.digest, blob]));
  // Whoever can delete a file can write a tombstone: it counts only as far as the log says the same.
  const onRecord = blobs.some(({ state }) => state === 'removed') ? removedDigests(store) : new Set<string>();
  const evidence = items.map(({ id, kind, grade, digest, size }): CheckedEvidence => {
    const { state, says } = found.get(digest) as CheckedBlob;
    const about = { id, kind, grade, digest, size };
    if (state !== 'removed' || onRecord.has(digest)) return { ...about, state, says };
    return { ...about, state: 'missing', says: 'It is gone; a tombstone says that it was removed, and no entry does.' };
  });
  const whole = evidence.every(({ state }) => state === 'whole' || state === 'removed');
  return { ok: whole && report.ok, task, evidence, ledger: report };
}

export interface RemovedEvidence {
  id: string;
  tombstone: Tombstone;
  /** Other pieces of evidence that had the same content. */
  also: string[];
}

/**
 * Deletes the content of a piece of evidence and leaves a tombstone: what it was, the log still says. Recorded first. The same
 * content is removed wherever it is evidence. For a person. Throws `NOT_FOUND`, `AMBIGUOUS_ID` or `BLOB_MISSING`.
 */
export async function removeEvidence(
  env: Pick<Signalbox, 'store' | 'door' | 'actor' | 'executor'>,
  prefix: string,
  reason: string,
): Promise<RemovedEvidence> {
  env.door.refuseAgents(env.actor, 'remove evidence');
  const { store, executor, door } = env;
  const { id, task, attempt, digest, size } = await store.evidence.get(prefix);
  const clean = executor.redactor.text(reason).trim().replace(/\.$/, '');
  const also = sameContent(store, digest).filter((other) => other !== id);
  const before = await executor.blobs.check(digest);
  if (before.state === 'missing') throw nothingThere(id);
  if (before.state !== 'removed' || !removedDigests(store).has(digest)) {
    const data = { id, attempt, digest, size, reason: clean, also };
    door.record([{ kind: 'evidence.removed', actor: actorName(env.actor), subject: `task/${task}`, data }]);
  }
  const tombstone = await executor.blobs.remove(digest, { reason: clean, at: store.clock.now() });
  return { id, tombstone, also };
}

function sameContent({ db }: Pick<ProjectStore, 'db'>, digest: Digest): string[] {
  const rows = db.prepare('SELECT id FROM evidence WHERE digest = ? ORDER BY id').all(digest);
  return rows.map((row) => String(row['id']));
}

function removedDigests({ ledger }: Pick<ProjectStore, 'ledger'>): Set<string> {
  return new Set(ledger.read({ kind: 'evidence.removed' }).map(({ data }) => String(data['digest'])));
}

function nothingThere(id: string): RuntimeError {
  return new RuntimeError({
    code: 'NOT_FOUND',
    message: `The content of ${id} is gone already, and nothing says why.`,
    hint: 'See what is damaged with `signalbox evidence verify <task>`.',
  });
}
