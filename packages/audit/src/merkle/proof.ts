import { AuditError } from '../errors.js';
import { Frontier } from './frontier.js';
import { HASH_BYTES, hashNode } from './leaf.js';

/** A run of leaves, `start` included, `end` not, counted from 0. */
type Range = readonly [start: number, end: number];

/**
 * RFC 6962 §2.1.1: what must be hashed together with the leaf `index` (from 0) to get the root of the first `size` leaves.
 * Takes the leaf hashes in order and keeps only as many as the tree is high. Throws `PROOF_RANGE`.
 */
export function createInclusionProof(leaves: Iterable<Uint8Array>, index: number, size: number): Buffer[] {
  if (!isCount(index) || !isCount(size) || index >= size) throw outOfRange(`There is no leaf ${index} in ${size}`);
  return rootsOf(leaves, inclusionRanges(index, [0, size]), size);
}

/** True if `leaf` is leaf number `index` of the tree of `size` leaves with that root (RFC 9162 §2.1.3.2). */
export function verifyInclusionProof(
  proof: readonly Uint8Array[],
  claim: { leaf: Uint8Array; index: number; size: number; root: Uint8Array },
): boolean {
  const { leaf, index, size, root } = claim;
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([...proof, leaf, root])) return false;
  let node = index;
  let last = size - 1;
  let hash: Uint8Array = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = hashNode(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else hash = hashNode(hash, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && Buffer.compare(hash, root) === 0;
}

/**
 * RFC 6962 §2.1.2: shows that the tree of `oldSize` leaves is the beginning of the one of `size`. Takes the leaf hashes in
 * order. Throws `PROOF_RANGE`. Empty for equal sizes and for an empty old tree, of which every tree is a continuation.
 */
export function createConsistencyProof(leaves: Iterable<Uint8Array>, oldSize: number, size: number): Buffer[] {
  if (!isCount(oldSize) || !isCount(size) || oldSize > size)
    throw outOfRange(`A tree of ${size} leaves does not continue one of ${oldSize}`);
  if (oldSize === 0 || oldSize === size) return [];
  return rootsOf(leaves, consistencyRanges(oldSize, [0, size], true), size);
}

/** True if the tree with the new root begins with all leaves of the tree with the old root (RFC 9162 §2.1.4.2). */
export function verifyConsistencyProof(
  proof: readonly Uint8Array[],
  claim: { oldSize: number; oldRoot: Uint8Array; size: number; root: Uint8Array },
): boolean {
  const { oldSize, oldRoot, size, root } = claim;
  if (!isCount(oldSize) || !isCount(size) || oldSize > size || !areHashes([...proof, oldRoot, root])) return false;
  if (oldSize === size) return proof.length === 0 && Buffer.compare(oldRoot, root) === 0;
  if (oldSize === 0) return proof.length === 0 && Buffer.compare(oldRoot, new Frontier().root()) === 0;
  let node = oldSize - 1;
  let last = size - 1;
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  const [first, ...rest] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  if (!first) return false;
  let old: Uint8Array = first;
  let now: Uint8Array = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      old = hashNode(sibling, old);
      now = hashNode(sibling, now);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else now = hashNode(now, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && Buffer.compare(old, oldRoot) === 0 && Buffer.compare(now, root) === 0;
}

/** The subtrees beside the path from the leaf to the root, the deepest first. */
function inclusionRanges(index: number, [start, end]: Range): Range[] {
  if (end - start === 1) return [];
  const middle = start + splitOf(end - start);
  return index < middle
    ? [...inclusionRanges(index, [start, middle]), [middle, end]]
    : [...inclusionRanges(index, [middle, end]), [start, middle]];
}

/** `isWhole`: the old tree ends where this subtree ends, and its root is known from the old root. */
function consistencyRanges(oldEnd: number, [start, end]: Range, isWhole: boolean): Range[] {
  if (oldEnd === end) return isWhole ? [] : [[start, end]];
  const middle = start + splitOf(end - start);
  return oldEnd <= middle
    ? [...consistencyRanges(oldEnd, [start, middle], isWhole), [middle, end]]
    : [...consistencyRanges(oldEnd, [middle, end], false), [start, middle]];
}

/** The root of each range, in one pass over the leaves: the ranges of a proof do not overlap. */
function rootsOf(leaves: Iterable<Uint8Array>, ranges: readonly Range[], size: number): Buffer[] {
  const trees = ranges.map(() => new Frontier());
  let index = 0;
  for (const leaf of leaves) {
    if (index === size) break;
    const at = ranges.findIndex(([start, end]) => index >= start && index < end);
    trees[at]?.append(leaf);
    index += 1;
  }
  if (index < size) throw outOfRange(`There are ${index} leaves, not ${size}`);
  return trees.map((tree) => tree.root());
}

/** The largest power of two below `size`. Not by shifts: a size may exceed 32 bits. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isPowerOfTwo(size: number): boolean {
  return size === 1 || splitOf(size) * 2 === size;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((each) => each.length === HASH_BYTES);
}

function outOfRange(what: string): AuditError {
  return new AuditError({
    code: 'PROOF_RANGE',
    message: `${what}.`,
    hint: 'Ask for entries and sizes that the log has.',
  });
}
