import { hash } from 'node:crypto';

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;

/**
 * A SHA-256 hash as a string of 32 characters, one a byte. `crypto.hash` gives this form 1.7 times as fast as a Buffer, and
 * a verification makes two a line.
 */
export type PackedHash = string;

/** RFC 6962 §2.1 leaf hash: SHA-256(0x00 || line). A string is hashed as its UTF-8. The newline is not part of a line. */
export function hashLeaf(line: string | Uint8Array): Buffer {
  return unpackHash(packedLeaf(line));
}

/** {@link hashLeaf} in packed form. */
export function packedLeaf(line: string | Uint8Array): PackedHash {
  return hash('sha256', typeof line === 'string' ? `\0${line}` : Buffer.concat([Buffer.of(0), line]), 'binary');
}

/**
 * The leaf hash of the line at `start` … `end` in `bytes`, without copying it: the byte before the line, which must be the
 * caller's to give, is overwritten with the 0x00 that belongs to the hash.
 */
export function packedLeafAt(bytes: Buffer, start: number, end: number): PackedHash {
  bytes[start - 1] = 0;
  return hash('sha256', bytes.subarray(start - 1, end), 'binary');
}

// One scratch for all inner nodes: hashing is synchronous, and this is the hottest path of a verification.
const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** RFC 6962 §2.1 inner node: SHA-256(0x01 || left || right). */
export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return hash('sha256', node, 'buffer');
}

/** {@link hashNode} over packed hashes. */
export function packedNode(left: PackedHash, right: PackedHash): PackedHash {
  node.write(left, 1, HASH_BYTES, 'latin1');
  node.write(right, 1 + HASH_BYTES, HASH_BYTES, 'latin1');
  return hash('sha256', node, 'binary');
}

export function packHash(bytes: Uint8Array): PackedHash {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

export function unpackHash(packed: PackedHash): Buffer {
  return Buffer.from(packed, 'latin1');
}
