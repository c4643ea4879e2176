import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { originOf } from '../checkpoint/checkpoint.js';
import { checkpoints } from '../checkpoint/store.js';
import { AuditError } from '../errors.js';
import { type LedgerHead, readHead } from '../ledger/head.js';
import { listSegments, type Segment, segmentsFolder } from '../ledger/segment.js';
import { followRotations, KEY_ROTATED } from '../signing/rotation.js';
import type { VerifierKey } from '../signing/verifier-key.js';
import type { Finding, LedgerReport } from './report.js';
import { dataOf } from './rotations.js';
import { readTrust, type Trust, type Verifiers } from './trust.js';
import { recallVerified, rememberVerified, type VerifiedState } from './verified-state.js';
import { conclude } from './verify-ledger.js';
import { Walk, type WalkState } from './walk.js';
import { walkRows } from './walk-rows.js';
import { walkSegment } from './walk-segment.js';

export interface StoredVerification {
  /** A checkpoint kept outside the log. */
  anchor?: string;
  /** The key that is trusted; those it was handed on to by `key.rotated` entries are trusted too. */
  verifier?: VerifierKey;
  /**
   * `incremental`: reads only what was added since the last remembered verification, and shows that its tree extends the one
   * of then, whose root is signed. Older entries are not read again. Falls back to `full`, and says why, if that cannot be
   * relied on. Needs `verifier`. Default `full`.
   */
  mode?: 'full' | 'incremental';
  /** If all is well, remember the newest signed checkpoint as verified at this time, in milliseconds since the epoch. */
  rememberAt?: number;
  /** Where sealed segments lie. Default: the folder `segments` beside the database. */
  segments?: string;
}

/**
 * Verifies the ledger of a database against its own head and checkpoints, in one snapshot while others go on writing. Besides
 * the lines, those of sealed segments too, it checks that the columns which serve the indexes agree with them. Must not be
 * called inside a transaction. Throws `CHECKPOINT_INVALID` if `anchor` is no checkpoint.
 */
export function verifyStoredLedger(db: SqlDatabase, options: StoredVerification = {}): LedgerReport {
  const { report, vouched } = verifySnapshot(db, options);
  if (report.ok && vouched && options.verifier && options.rememberAt !== undefined) {
    rememberVerified(db, vouched, options.rememberAt);
  }
  return report;
}

function verifySnapshot(
  db: SqlDatabase,
  options: StoredVerification,
): { report: LedgerReport; vouched: WalkState | undefined } {
  db.exec('BEGIN');
  try {
    const head = tryReadHead(db);
    const segments = listSegments(db);
    const verifiers = options.verifier ? successors(db, options.verifier, segments, head) : [];
    const trust = readTrust(checkpoints(db), options.anchor, verifiers);
    addHead(trust, head);
    const resumed = recall(db, options, trust, head);
    const walk = new Walk(trust.roots, typeof resumed === 'object' ? resumed.state : undefined);
    walkSegments(walk, trust, segmentsFolder(db, options.segments), segments);
    walkRows(db, walk, typeof resumed !== 'object');
    return { report: finish(walk, trust, verifiers, segments, resumed), vouched: walk.vouched };
  } finally {
    db.exec('COMMIT');
  }
}

function finish(
  walk: Walk,
  trust: Trust,
  verifiers: Verifiers,
  segments: readonly Segment[],
  resumed: VerifiedState | string | undefined,
): LedgerReport {
  const since =
    typeof resumed === 'object' ? { readFrom: resumed.state.before.size + 2, verifiedAt: resumed.at } : undefined;
  const report = conclude(walk, trust, verifiers, since);
  const { firstBad } = report;
  const segment =
    firstBad === undefined ? undefined : segments.find((each) => firstBad >= each.first && firstBad <= each.last);
  if (segment && report.segment === undefined) {
    report.segment = segment.file;
    report.reason = `${report.reason} It lies in the sealed segment ${segment.file}.`;
  }
  if (typeof resumed === 'string') report.proved.unshift(`Everything was read again, since ${resumed}.`);
  return report;
}

/** Segments that lie before the walk's place were verified another time. */
function walkSegments(walk: Walk, trust: Trust, folder: string, segments: readonly Segment[]): void {
  for (const segment of segments) {
    if (segment.last <= walk.entries) continue;
    const problem = walkSegment(walk, folder, segment);
    if (!problem) continue;
    // Without its entries no later one can be judged: this is what is wrong first.
    if (problem.firstBad !== undefined) walk.stop(problem);
    else trust.problems.unshift(problem);
  }
}

function recall(
  db: SqlDatabase,
  options: StoredVerification,
  trust: Trust,
  head: LedgerHead | Finding,
): VerifiedState | string | undefined {
  if (options.mode !== 'incremental') return undefined;
  if (!options.verifier) return 'no key was given to check signatures with';
  if ('reason' in head) return 'the head cannot be read';
  const verified = recallVerified(db, trust, originOf(head.logId));
  if (typeof verified === 'string') return verified;
  const size = verified.state.before.size + 1;
  const isCut = listSegments(db).some((each) => each.first <= size && each.last > size);
  return isCut ? 'a segment was sealed across the end of what was verified' : verified;
}

/** The keys that the trusted one was handed on to. A false entry hands nothing on: each is signed by the key before. */
function successors(
  db: SqlDatabase,
  verifier: VerifierKey,
  segments: readonly Segment[],
  head: LedgerHead | Finding,
): VerifierKey[] {
  if ('reason' in head) return [verifier];
  const sealed = segments.flatMap((each) => each.rotations);
  const rows = db.prepare('SELECT line FROM ledger WHERE kind = ? ORDER BY seq').all(KEY_ROTATED);
  return followRotations(
    verifier,
    dataOf([...sealed, ...rows.map((row) => String(row['line']))]),
    originOf(head.logId),
  );
}

function tryReadHead(db: SqlDatabase): LedgerHead | Finding {
  try {
    return readHead(db) ?? { kind: 'edited', reason: 'The head of the ledger is gone.' };
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    return { kind: 'edited', reason: error.message };
  }
}

/** Adds the stored head to `trust`, or to its problems when there is none to read. */
function addHead(trust: Trust, head: LedgerHead | Finding): void {
  if ('reason' in head) trust.problems.push(head);
  else trust.head = { size: head.frontier.size, root: head.frontier.root().toString('base64'), source: 'head' };
}
