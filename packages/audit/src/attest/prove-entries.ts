import { AuditError } from '../errors.js';
import type { Ledger } from '../ledger/ledger.js';
import { hashLeaf, hashNode } from '../merkle/leaf.js';
import type { ProvenEntry } from './receipt-shape.js';

/** The root of a run of leaves, and the entries in it whose proofs are wanted. */
interface Subtree {
  hash: Buffer;
  /** Leaves. */
  width: number;
  wanted: ProvenEntry[];
}

/**
 * The entries with these numbers, each proved to be among the first `size` of the log: what a receipt wants. Reads the log once
 * for all of them, and holds as many hashes as the tree is high. Throws `PROOF_RANGE` for an entry that is not there.
 */
export function proveEntries(ledger: Pick<Ledger, 'lines'>, seqs: readonly number[], size: number): ProvenEntry[] {
  const wanted = new Set(seqs);
  const proven: ProvenEntry[] = [];
  const peaks: Subtree[] = [];
  let read = 0;
  for (const { seq, line } of ledger.lines()) {
    if (read === size) break;
    read += 1;
    const own: ProvenEntry[] = wanted.has(seq) ? [{ line, proof: { seq, size, hashes: [] } }] : [];
    proven.push(...own);
    let node: Subtree = { hash: hashLeaf(line), width: 1, wanted: own };
    for (let left = peaks.at(-1); left?.width === node.width; left = peaks.at(-1)) {
      peaks.pop();
      node = join(left, node);
    }
    peaks.push(node);
  }
  while (peaks.length > 1) {
    const right = peaks.pop() as Subtree;
    peaks.push(join(peaks.pop() as Subtree, right));
  }
  if (read < size || proven.length < wanted.size) throw outOfRange(seqs, size);
  return proven;
}

/** Whoever is on one side needs the other side's hash. Joined from the leaves upwards, so the deepest comes first. */
function join(left: Subtree, right: Subtree): Subtree {
  if (left.wanted.length > 0) extend(left.wanted, right.hash);
  if (right.wanted.length > 0) extend(right.wanted, left.hash);
  return {
    hash: hashNode(left.hash, right.hash),
    width: left.width + right.width,
    wanted: left.wanted.length + right.wanted.length === 0 ? NONE : [...left.wanted, ...right.wanted],
  };
}

const NONE: ProvenEntry[] = [];

function extend(entries: readonly ProvenEntry[], sibling: Buffer): void {
  const hash = sibling.toString('base64');
  for (const { proof } of entries) proof.hashes.push(hash);
}

function outOfRange(seqs: readonly number[], size: number): AuditError {
  return new AuditError({
    code: 'PROOF_RANGE',
    message: `The first ${size} entries of the log are not there, or do not hold all of ${seqs.length} wanted ones.`,
    hint: 'Make a checkpoint after the last entry, and prove to that.',
  });
}
