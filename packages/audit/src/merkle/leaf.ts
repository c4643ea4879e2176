import { hash } from 'node:crypto';

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;

/** RFC 6962 §2.1 leaf hash: SHA-256(0x00 || line). A string is hashed as its UTF-8. The newline is not part of a line. */
export function hashLeaf(line: string | Uint8Array): Buffer {
  if (typeof line !== 'string') return hash('sha256', Buffer.concat([Buffer.of(0), line]), 'buffer');
  const bytes = Buffer.allocUnsafe(1 + Buffer.byteLength(line));
  bytes[0] = 0;
  bytes.write(line, 1);
  return hash('sha256', bytes, 'buffer');
}

// One scratch for all inner nodes: hashing is synchronous, and this is the hottest path of a verification.
const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** RFC 6962 §2.1 inner node: SHA-256(0x01 || left || right). */
export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return hash('sha256', node, 'buffer');
}
