import { hash } from 'node:crypto';
import { HASH_BYTES, type PackedHash, packedNode, packHash, unpackHash } from './leaf.js';

/**
 * An RFC 6962 Merkle tree that only grows, held as the roots of its perfect subtrees, widest first: one per 1-bit of the
 * size. Appending costs one inner hash on average, and the root of a million leaves is at most 20 hashes away.
 */
export class Frontier {
  #size: number;
  #peaks: PackedHash[];

  constructor(size = 0, peaks: readonly PackedHash[] = []) {
    this.#size = size;
    this.#peaks = [...peaks];
  }

  /** Reads what {@link toBytes} wrote, or returns `undefined` when the bytes cannot belong to a tree of `size` leaves. */
  static parse(size: number, bytes: Uint8Array): Frontier | undefined {
    if (!Number.isSafeInteger(size) || size < 0) return undefined;
    if (bytes.length !== countOnes(size) * HASH_BYTES) return undefined;
    const peaks: PackedHash[] = [];
    for (let at = 0; at < bytes.length; at += HASH_BYTES) peaks.push(packHash(bytes.subarray(at, at + HASH_BYTES)));
    return new Frontier(size, peaks);
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Uint8Array | PackedHash): void {
    let node = typeof leaf === 'string' ? leaf : packHash(leaf);
    // Every trailing 1-bit of the old size is a subtree as wide as the node in hand: the two become one.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      node = packedNode(this.#peaks.pop() as PackedHash, node);
    }
    this.#peaks.push(node);
    this.#size += 1;
  }

  root(): Buffer {
    let root = this.#peaks.at(-1);
    if (root === undefined) return hash('sha256', '', 'buffer');
    for (let i = this.#peaks.length - 2; i >= 0; i--) root = packedNode(this.#peaks[i] as PackedHash, root);
    return unpackHash(root);
  }

  clone(): Frontier {
    return new Frontier(this.#size, this.#peaks);
  }

  toBytes(): Buffer {
    return unpackHash(this.#peaks.join(''));
  }
}

function countOnes(size: number): number {
  let ones = 0;
  // Division instead of shifts: a size may exceed 32 bits.
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
