import type { JsonObject } from '@signalbox/kernel';
import { type EvidenceOrigin, gradeOf } from '../assess-report.js';
import { draftEvidence, type EvidenceCollector } from '../collector.js';
import type { EvidenceDraft } from '../evidence.js';
import { failed } from './failed.js';
import { readFolderFile } from './read-file.js';
import { walkFolder } from './walk.js';

export interface FilesCollectorOptions {
  /** Whether a path, relative to the folder and with slashes, is wanted. */
  matches(path: string): boolean;
  /** Folders and files not to look into. Default: `node_modules`. */
  skip?(path: string): boolean;
  /** Default: `artefact`. */
  kind?: string;
  /** Default: `watched`: we see that the file is there. What it says is its author's word. */
  origin?: EvidenceOrigin;
  /** Default: 100. */
  maxFiles?: number;
  /** Bytes of one file. Default: 8 MiB. */
  maxBytes?: number;
}

const MAX_FILES = 100;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Keeps the files that match, one piece of evidence each, sorted by path. Links and what is no file are left out. More files
 * than the limit, or a larger one, rejects with `COLLECT_FAILED`: half of an artefact proves nothing.
 */
export function createFilesCollector(options: FilesCollectorOptions): EvidenceCollector {
  const { matches, skip = isInstalled, kind = 'artefact', origin = 'watched' } = options;
  const { maxFiles = MAX_FILES, maxBytes = MAX_BYTES } = options;
  const self = { id: 'signalbox/files', kind };
  return {
    ...self,
    async collect(context) {
      const drafts: EvidenceDraft[] = [];
      for (const { path, kind: what } of walkFolder(context.folder, skip)) {
        context.signal.throwIfAborted();
        if (what !== 'file' || !matches(path)) continue;
        if (drafts.length >= maxFiles)
          throw failed(`More than ${maxFiles} files match`, 'Name the files more closely.');
        const file = await readFolderFile(context.folder, path, maxBytes);
        if (!file) throw failed(`${path} went away while it was collected`, 'End what still writes to the folder.');
        const summary: JsonObject = { path, bytes: file.bytes.length };
        drafts.push(
          await draftEvidence(self, context, {
            content: file.bytes,
            grade: gradeOf(origin),
            tree: context.tree,
            summary,
          }),
        );
      }
      return drafts;
    },
  };
}

function isInstalled(path: string): boolean {
  return path === 'node_modules' || path.endsWith('/node_modules');
}
