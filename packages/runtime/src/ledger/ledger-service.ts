import {
  type Checkpoint,
  createCheckpoint,
  exportLedger,
  type LedgerEntry,
  type LedgerReport,
  parseCheckpoint,
  storeCheckpoint,
  verifyExport,
  verifyStoredLedger,
} from '@signalbox/audit';
import { createGit, type Git } from '../git/git.js';
import { findRepository } from '../project/find-root.js';
import type { ProjectStore } from '../project/open-store.js';
import { openSigningKey, readPublicKey } from './keys.js';
import { linesOfFile } from './lines-of-file.js';

/** Where the newest checkpoint is kept outside of the log: cutting off the log's end does not reach it. */
export const ANCHOR_REF = 'refs/signalbox/ledger';

export interface LedgerService {
  read: ProjectStore['ledger']['read'];
  /** Checks every entry, against the newest anchor when there is one. */
  verify(): Promise<LedgerReport>;
  export(): Iterable<string>;
  /** Signs how far the log has come, and anchors that in a git ref. */
  checkpoint(): Promise<{ checkpoint: Checkpoint; note: string; anchored: boolean }>;
}

export function createLedgerService(store: ProjectStore, environment: NodeJS.ProcessEnv): LedgerService {
  const { paths, ledger, clock, db } = store;
  const git = findRepository(paths.root) === null ? null : createGit(paths.root, environment);
  return {
    read: (filter): LedgerEntry[] => ledger.read(filter),
    async verify() {
      const anchor = git ? await readAnchor(git) : undefined;
      const verifier = readPublicKey(paths);
      return verifyStoredLedger(db, {
        ...(anchor === undefined ? {} : { anchor }),
        ...(verifier ? { verifier } : {}),
      });
    },
    export: () => exportLedger(ledger, openSigningKey(paths), clock.now()),
    async checkpoint() {
      const note = createCheckpoint(ledger, openSigningKey(paths), clock.now());
      storeCheckpoint(db, note);
      const anchored = git !== null && (await writeAnchor(git, note));
      return { checkpoint: parseCheckpoint(note), note, anchored };
    },
  };
}

/** Checks an export on its own, as an outsider does: nothing but the file is needed. */
export function verifyLedgerFile(path: string): LedgerReport {
  return verifyExport(linesOfFile(path));
}

async function readAnchor(git: Git): Promise<string | undefined> {
  const shown = await git.attempt(['cat-file', 'blob', ANCHOR_REF]);
  return shown.exitCode === 0 ? `${shown.stdout}\n` : undefined;
}

async function writeAnchor(git: Git, note: string): Promise<boolean> {
  const blob = await git.attempt(['hash-object', '-w', '--stdin'], { input: note });
  return blob.exitCode === 0 && (await git.attempt(['update-ref', ANCHOR_REF, blob.stdout])).exitCode === 0;
}
