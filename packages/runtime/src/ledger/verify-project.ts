import {
  type Finding,
  type LedgerReport,
  parseCheckpoint,
  type StoredVerification,
  type VerifierKey,
  verifyStoredLedger,
} from '@signalbox/audit';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import type { ProjectStore } from '../project/open-store.js';
import { ANCHOR_REF } from './anchor.js';
import { checkTables, TABLES_AGREE } from './verify-tables.js';

export interface ProjectVerification {
  mode: 'full' | 'incremental';
  keys: readonly VerifierKey[];
  /** As `readAnchor` found it: null for something that is no checkpoint. */
  anchor: string | null | undefined;
}

const TABLES_UNREAD =
  'The tables of tasks and of evidence were not compared with the entries: a full verification does that.';

/** Verifies the log of a project, then the tables that were written together with it. */
export function verifyProject(store: ProjectStore, { mode, keys, anchor }: ProjectVerification): LedgerReport {
  const { db, ledger, clock } = store;
  const readable = typeof anchor === 'string' ? { anchor } : {};
  const report = verifyByAny(db, keys, { ...readable, mode, rememberAt: clock.now() });
  if (!report.ok) return report.integrity && readable.anchor ? explainRestore(store, report, readable.anchor) : report;
  const damage = mode === 'full' ? checkTables(db, ledger) : undefined;
  if (damage) return { ...report, ok: false, integrity: false, ...damage, proved: [...report.proved, damage.reason] };
  const proved = [...report.proved, mode === 'full' ? TABLES_AGREE : TABLES_UNREAD];
  return { ...report, proved, ...(anchor === null ? UNREADABLE_ANCHOR : {}) };
}

/** As one of the keys would have it: the one by which all is well, or else the first. */
function verifyByAny(db: SqlDatabase, keys: readonly VerifierKey[], options: StoredVerification): LedgerReport {
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
const UNREADABLE_ANCHOR: Finding & { ok: false; completeness: 'unproven' } = {
  ok: false,
  completeness: 'unproven',
  kind: 'edited',
  reason: `The anchor at ${ANCHOR_REF} cannot be read: it is no checkpoint.`,
};

/** A restore that was killed before it could move the anchor has recorded which one it was to replace. */
function explainRestore({ ledger }: ProjectStore, report: LedgerReport, anchor: string): LedgerReport {
  const { size, root } = parseCheckpoint(anchor);
  const [restored] = ledger.read({ kind: 'backup.restored', newestFirst: true, limit: 1 });
  const known = restored?.data['anchor'] as { size?: unknown; root?: unknown } | undefined;
  if (!restored || known?.size !== size || known.root !== root) return report;
  const reason = `The anchor is from before the backup was restored (entry ${restored.seq}). Put a new one in its place with \`signalbox audit checkpoint\`.`;
  return { ...report, reason };
}
