import { formatVerifierKey, type VerifierKey } from '../signing/verifier-key.js';
import type { LineToVerify } from './link.js';
import { describeProof } from './proved.js';
import type { Finding, LedgerReport } from './report.js';
import { readTrust, type Trust, type Verifiers } from './trust.js';
import { Walk } from './walk.js';

export interface VerifyOptions {
  /** Checkpoints kept beside the log, in any order. */
  checkpoints: readonly string[];
  /** A checkpoint kept outside the log: the only thing that can show that nothing was cut off its end. */
  anchor?: string;
  /** The key that must have signed them all. Without it their roots are compared, and their signatures are not checked. */
  verifier?: VerifierKey;
  /** Further keys that may have signed, which `verifier` was handed on to: see `followRotations`. */
  successors?: Verifiers;
  /** The log's own head, read in the same snapshot as the lines. */
  head?: { size: number; root: string };
}

/**
 * Checks every line, in one pass and constant memory, by hashing the stored text. Finds edited, missing, reordered,
 * doubled and cut-off entries and names the first. Throws `CHECKPOINT_INVALID` if `anchor` is not a checkpoint at all.
 *
 * When somebody rewrote the log and chained it anew, `firstBad` is the first entry that no recorded root vouches for.
 */
export function verifyLedger(lines: Iterable<LineToVerify>, options: VerifyOptions): LedgerReport {
  const verifiers = options.verifier ? [options.verifier, ...(options.successors ?? [])] : [];
  const trust = readTrust(options.checkpoints, options.anchor, verifiers);
  if (options.head) trust.head = { ...options.head, source: 'head' };
  const walk = new Walk(trust.roots);
  for (const line of lines) walk.step(line);
  return conclude(walk, trust, verifiers);
}

/** Where an incremental verification began. */
export interface Resumed {
  readFrom: number;
  verifiedAt: string;
}

/** Turns a finished walk into the two answers. What is wrong with an entry comes before what is wrong with a checkpoint. */
export function conclude(walk: Walk, trust: Trust, verifiers: Verifiers, resumed?: Resumed): LedgerReport {
  const damage = walk.finish(trust.head) ?? trust.problems[0] ?? strangeCheckpoint(walk, trust.head);
  const unanchored = damage ?? trust.anchorProblem ?? checkAnchor(walk, trust);
  const proven = damage === undefined && trust.anchor !== undefined && walk.anchored;
  const [signer] = verifiers;
  const answers = {
    ok: unanchored === undefined,
    integrity: damage === undefined,
    completeness: proven ? ('proven' as const) : ('unproven' as const),
    entries: walk.entries,
    ...(proven && trust.anchor ? { anchoredAt: anchoredAt(trust.anchor) } : {}),
    ...(signer ? { signer: formatVerifierKey(signer) } : {}),
    ...unanchored,
  };
  const mode = resumed ? 'incremental' : 'full';
  const proved = describeProof(answers, {
    ...{ mode, readFrom: 1, ...resumed },
    confirmed: walk.confirmed,
    keys: verifiers.length,
    roots: trust.roots.length + (trust.head ? 1 : 0),
    hasAnchor: trust.anchor !== undefined,
  });
  return { ...answers, mode, readFrom: resumed?.readFrom ?? 1, proved };
}

function strangeCheckpoint(walk: Walk, head: Trust['head']): Finding | undefined {
  const foreign = walk.foreign.find((root) => root.source !== 'anchor') ?? walk.strangeHead(head);
  return foreign && { kind: 'edited', reason: `A checkpoint speaks of another log, ${foreign.origin}.` };
}

function checkAnchor(walk: Walk, { anchor }: Trust): Finding | undefined {
  if (!anchor || walk.anchored) return undefined;
  if (walk.foreign.some((root) => root.source === 'anchor')) {
    return {
      kind: 'truncated',
      firstBad: 1,
      reason: `The anchor speaks of another log, ${anchor.origin}: this one was started anew.`,
    };
  }
  if (anchor.size <= walk.entries) return undefined; // over nothing at all: it proves nothing, and nothing is wrong
  const reason = `The anchor covers ${anchor.size} entries, and ${walk.entries} are left.`;
  return { kind: 'truncated', firstBad: walk.entries + 1, reason };
}

function anchoredAt({ size, time }: { size: number; time?: string }): { size: number; time?: string } {
  return time === undefined ? { size } : { size, time };
}
