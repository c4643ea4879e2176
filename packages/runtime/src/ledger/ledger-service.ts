import {
  type Checkpoint,
  createCheckpoint,
  exportLedger,
  type LedgerEntry,
  type LedgerReport,
  parseCheckpoint,
  type SigningKey,
  storeCheckpoint,
  type VerifierKey,
} from '@signalbox/audit';
import { transact } from '@signalbox/kernel/sqlite';
import { createGit } from '../git/git.js';
import { findRepository } from '../project/find-root.js';
import type { ProjectStore } from '../project/open-store.js';
import { readAnchor, writeAnchor } from './anchor.js';
import { finishRotation, hasNextKey, openSigningKey, readVerifiers } from './keys.js';
import { verifyProject } from './verify-project.js';

export { ANCHOR_REF } from './anchor.js';

export interface VerifyRequest {
  /** `incremental`: only what was added since the last verification that found all well. Default `full`. */
  mode?: 'full' | 'incremental';
  /** The keys of which one must have signed. Default: those of the project. */
  keys?: readonly VerifierKey[];
  /** A checkpoint that somebody kept, to hold the log against. Default: the one in git. Must be one, or this throws. */
  anchor?: string;
}

export interface MadeCheckpoint {
  checkpoint: Checkpoint;
  note: string;
  /** False outside of git, and if the anchor is of another log or of a longer one. */
  anchored: boolean;
  /** The anchor that this one has taken the place of although the log does not extend it. */
  replaced: Checkpoint | null;
}

export interface LedgerService {
  read: ProjectStore['ledger']['read'];
  /**
   * Checks every entry, against the newest anchor when there is one, and the tables of tasks and evidence against the entries.
   * What was found well is remembered for an incremental verification, which does not look at the tables.
   */
  verify(request?: VerifyRequest): Promise<LedgerReport>;
  export(): Iterable<string>;
  /**
   * Signs how far the log has come, and anchors that in a git ref. An anchor that the log does not extend stays, since it
   * shows that something is gone, unless `replaceAnchor` says that a person has seen it.
   */
  checkpoint(options?: { replaceAnchor?: boolean }): Promise<MadeCheckpoint>;
  /** The key that signs now. Throws `KEY_LOST` or audit's `KEY_INVALID`. */
  signingKey(): SigningKey;
}

export function createLedgerService(store: ProjectStore, environment: NodeJS.ProcessEnv): LedgerService {
  const { paths, ledger, clock, db } = store;
  const git = findRepository(paths.root) === null ? null : createGit(paths.root, environment);
  const signingKey = (): SigningKey => {
    if (hasNextKey(paths)) transact(db, () => finishRotation(paths, ledger));
    return openSigningKey(paths);
  };
  return {
    read: (filter): LedgerEntry[] => ledger.read(filter),
    async verify({ mode = 'full', keys = readVerifiers(paths), anchor } = {}) {
      const kept = anchor ?? (git ? await readAnchor(git) : undefined);
      return verifyProject(store, { mode, keys, anchor: kept });
    },
    export: () => exportLedger(ledger, signingKey(), clock.now()),
    async checkpoint({ replaceAnchor = false } = {}) {
      const note = createCheckpoint(ledger, signingKey(), clock.now());
      storeCheckpoint(db, note);
      const { anchored, replaced } = git
        ? await writeAnchor(git, note, replaceAnchor)
        : { anchored: false, replaced: null };
      return { checkpoint: parseCheckpoint(note), note, anchored, replaced };
    },
    signingKey,
  };
}
