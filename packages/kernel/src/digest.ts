import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = `sha256:${string}`;

/** The SHA-256 of bytes, or of a string's UTF-8. */
export function sha256(data: string | Uint8Array): Digest {
  return `sha256:${hash('sha256', data)}`;
}

/** The digest of a JSON value: SHA-256 over its canonical form. */
export function digestOf(value: unknown): Digest {
  return sha256(canonicalJson(value));
}
