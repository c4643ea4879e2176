import type { Clock, JsonObject } from '@signalbox/kernel';
import type { Redactor } from '../redact/redactor.js';
import type { BlobStore } from './blob-store.js';
import type { EvidenceDraft } from './evidence.js';

/** What a collector is given: one attempt, at one moment. */
export interface CollectContext {
  task: string;
  attempt: string;
  /** Absolute path of the folder to look at. It is hostile ground: an agent may have left anything in it. */
  folder: string;
  /** Digest of the file tree that the folder holds, if it is known; evidence is bound to it. */
  tree: string | null;
  /** Where content goes. Usually `limitBlobs` of the store, so that no attempt fills the disk. */
  blobs: Pick<BlobStore, 'put'>;
  redactor: Redactor;
  clock: Pick<Clock, 'now'>;
  /** Aborts the collection. */
  signal: AbortSignal;
}

/**
 * Makes evidence of one kind. Version 1; third parties write their own.
 *
 * A collector **must**
 * - put the content into `context.blobs` before it returns a draft that names it, and name it by the digest that it got back;
 * - pass every text and every byte through `context.redactor` before `put`, and the summary through `redactor.json`;
 * - grade by `gradeOf`: what an agent said or wrote is `claimed`, what it looked at itself is `observed`, what it ran itself is
 *   `verified`; in doubt the lower one;
 * - bind the draft to `context.tree` if it is about the files, and say `null` if it is not;
 * - have limits of its own for size, number and depth of what it reads, and say in the summary what it left out;
 * - treat `context.folder` as hostile: not follow symbolic links out of it, not run what lies in it, not believe names in it;
 * - stop soon after `context.signal` aborts, rejecting with the signal's reason;
 * - give the same drafts for the same folder, in the same order;
 * - return an empty list when there is nothing to collect, and reject with `COLLECT_FAILED` or a `REPORT_…` code when there is
 *   something that it cannot read: an error is never turned into an absence.
 *
 * It **must not**
 * - change the folder, a repository in it, or the user's configuration;
 * - start a process that outlives the call, or reach the network;
 * - keep state between calls, read another clock than `context.clock`, or write to the ledger: recording is the caller's;
 * - decide anything: whether the evidence suffices is the verdict's to say.
 */
export interface EvidenceCollector {
  /** Stands as `producer` in the evidence: `signalbox/git-diff`, `acme/bundle-size`. */
  readonly id: string;
  /** Stands as `kind` in the evidence: `diff`, `command`, `test-report`, `coverage`, `usage`, `artefact`, or one of its own. */
  readonly kind: string;
  collect(context: CollectContext): Promise<EvidenceDraft[]>;
}

/** Stores redacted content and makes the draft that names it. What was redacted is marked so in the summary. */
export async function draftEvidence(
  collector: Pick<EvidenceCollector, 'id' | 'kind'>,
  context: CollectContext,
  { content, ...about }: { content: Uint8Array | string; summary: JsonObject } & Pick<EvidenceDraft, 'grade' | 'tree'>,
): Promise<EvidenceDraft> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const clean = context.redactor.bytes(bytes);
  const blob = await context.blobs.put(clean);
  const summary = context.redactor.json(about.summary);
  return {
    task: context.task,
    attempt: context.attempt,
    kind: collector.kind,
    producer: collector.id,
    grade: about.grade,
    tree: about.tree,
    ...blob,
    summary: clean === bytes ? summary : { ...summary, redacted: true },
  };
}
