import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type Checkpoint,
  createCheckpoint,
  exportLedger,
  type LedgerEntry,
  type LedgerReport,
  parseCheckpoint,
  storeCheckpoint,
  type VerifierKey,
  verifyExport,
  verifyStoredLedger,
} from '@signalbox/audit';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { createGit, type Git } from '../git/git.js';
import { findRepository } from '../project/find-root.js';
import type { ProjectStore } from '../project/open-store.js';
import { openSigningKey, readVerifiers } from './keys.js';
import { linesOfFile } from './lines-of-file.js';
import { checkEvidence } from './verify-evidence.js';

/** Where the newest checkpoint is kept outside of the log: cutting off the log's end does not reach it. */
export const ANCHOR_REF = 'refs/signalbox/ledger';

export interface LedgerService {
  read: ProjectStore['ledger']['read'];
  /** Checks every entry, against the newest anchor when there is one, and the table of evidence against the entries. */
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
      const readable = typeof anchor === 'string' ? { anchor } : {};
      const report = verifyByAny(db, readVerifiers(paths), readable);
      if (!report.ok) return report;
      const damage = checkEvidence(db, ledger);
      if (damage) return { ...report, ok: false, integrity: false, ...damage };
      return anchor === null ? { ...report, ...UNREADABLE_ANCHOR } : report;
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

/** As one of the keys would have it: the one by which all is well, or else the first. */
function verifyByAny(db: SqlDatabase, keys: readonly VerifierKey[], options: { anchor?: string }): LedgerReport {
  const [first, ...others] = keys;
  let report = verifyStoredLedger(db, first ? { ...options, verifier: first } : options);
  for (const verifier of others) {
    if (report.ok) return report;
    const other = verifyStoredLedger(db, { ...options, verifier });
    if (other.ok) report = other;
  }
  return report;
}

/** Somebody wrote there who is not Signalbox, as when the end of the log was cut off and its anchor with it. */
const UNREADABLE_ANCHOR = {
  ok: false,
  completeness: 'unproven',
  kind: 'edited',
  reason: `The anchor at ${ANCHOR_REF} cannot be read: it is no checkpoint.`,
} as const;

/** The anchor; undefined where there is none, null for something else in its place. */
async function readAnchor(git: Git): Promise<string | null | undefined> {
  const shown = await git.attempt(['cat-file', 'blob', ANCHOR_REF]);
  if (shown.exitCode === 0) return isCheckpoint(`${shown.stdout}\n`) ? `${shown.stdout}\n` : null;
  if ((await git.attempt(['rev-parse', '--verify', '--quiet', ANCHOR_REF])).exitCode === 0) return null;
  // Git takes a ref whose file holds no object id for one that is not there.
  return existsSync(resolve(git.folder, await git.run(['rev-parse', '--git-path', ANCHOR_REF]))) ? null : undefined;
}

function isCheckpoint(note: string): boolean {
  try {
    parseCheckpoint(note);
    return true;
  } catch {
    return false;
  }
}

async function writeAnchor(git: Git, note: string): Promise<boolean> {
  const blob = await git.attempt(['hash-object', '-w', '--stdin'], { input: note });
  return blob.exitCode === 0 && (await git.attempt(['update-ref', ANCHOR_REF, blob.stdout])).exitCode === 0;
}
