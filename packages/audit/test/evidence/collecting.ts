import { join } from 'node:path';
import { createFakeClock } from '@signalbox/testkit';
import type { CollectContext, EvidenceCollector } from '../../src/evidence/collectors/index.js';
import type { EvidenceDraft } from '../../src/index.js';
import { type BlobStore, createRedactor, openBlobStore } from '../../src/index.js';

export const SECRET = ['hunter2', 'correct', 'horse'].join('-');

export interface Collecting {
  blobs: BlobStore;
  context: CollectContext;
  collect(collector: EvidenceCollector): Promise<EvidenceDraft[]>;
  /** The content of a draft as text. */
  contentOf(draft: EvidenceDraft | undefined): Promise<string>;
}

/** What a collector is given, for `folder`; blobs go to `store`. */
export function createCollecting(folder: string, store: string, fields: Partial<CollectContext> = {}): Collecting {
  const blobs = openBlobStore(join(store, 'blobs'));
  const context: CollectContext = {
    task: 'tsk_1',
    attempt: 'att_1',
    folder,
    tree: null,
    blobs,
    redactor: createRedactor({ secrets: [SECRET] }),
    clock: createFakeClock(),
    signal: new AbortController().signal,
    ...fields,
  };
  return {
    blobs,
    context,
    collect: (collector) => collector.collect(context),
    async contentOf(draft) {
      if (!draft) throw new Error('there is no such evidence');
      const bytes = await blobs.get(draft.digest);
      if (bytes.length !== draft.size) throw new Error('the size is wrong');
      return bytes.toString('utf8');
    },
  };
}
