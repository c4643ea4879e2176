import { hashLeaf } from '../merkle/leaf.js';
import { createConsistencyProof, createInclusionProof } from '../merkle/proof.js';
import type { Ledger } from './ledger.js';

/** Shows that one entry is in a log, to somebody who has the entry's line and a checkpoint but not the log. */
export interface InclusionProof {
  seq: number;
  /** Of the tree that the proof leads to. */
  size: number;
  /** Hashes in base64, the deepest first. */
  hashes: string[];
}

/** Shows that a later checkpoint continues the log of an earlier one. */
export interface ConsistencyProof {
  oldSize: number;
  size: number;
  /** Hashes in base64. */
  hashes: string[];
}

type Lines = Pick<Ledger, 'lines' | 'head'>;

/**
 * Proves that entry `seq` is one of the first `size` (default: all). Check it with `verifyInclusionProof`, whose `index` is
 * `seq - 1`. Reads the log once. Throws `PROOF_RANGE`.
 */
export function proveInclusion(ledger: Lines, seq: number, size: number = ledger.head().size): InclusionProof {
  return { seq, size, hashes: encode(createInclusionProof(leavesOf(ledger), seq - 1, size)) };
}

/** Proves that the first `oldSize` entries are the beginning of the first `size` (default: all). Throws `PROOF_RANGE`. */
export function proveConsistency(ledger: Lines, oldSize: number, size: number = ledger.head().size): ConsistencyProof {
  return { oldSize, size, hashes: encode(createConsistencyProof(leavesOf(ledger), oldSize, size)) };
}

function* leavesOf(ledger: Lines): Iterable<Buffer> {
  for (const { line } of ledger.lines()) yield hashLeaf(line);
}

function encode(hashes: readonly Buffer[]): string[] {
  return hashes.map((each) => each.toString('base64'));
}
