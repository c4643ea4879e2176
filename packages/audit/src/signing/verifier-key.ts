import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { AuditError } from '../errors.js';
import { decodeBase64 } from './base64.js';

/** The public half of a signing key, as the C2SP signed-note format names it (https://c2sp.org/signed-note). */
export interface VerifierKey {
  /** Not empty, without spaces or `+`. */
  readonly name: string;
  /** Eight hexadecimal digits that, with the name, pick the key among a note's signatures. */
  readonly keyHash: string;
  /** 32 bytes of Ed25519. */
  readonly publicKey: Uint8Array;
}

/** The signed-note byte for "Ed25519 over the note text". */
const ED25519 = 0x01;
const PUBLIC_KEY_BYTES = 32;

/** Names a public key. Throws `KEY_INVALID` if the name or the key cannot be used. */
export function createVerifierKey(name: string, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw invalid(`"${name}" cannot name a key`);
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw invalid('An Ed25519 public key has 32 bytes');
  const hashed = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), publicKey]), 'hex');
  return { name, keyHash: hashed.slice(0, 8), publicKey };
}

/** Writes `<name>+<keyhash>+<base64>`: what a verifier is given beforehand, by another way than the log. */
export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${key.keyHash}+${Buffer.concat([Buffer.of(ED25519), key.publicKey]).toString('base64')}`;
}

/** Reads `<name>+<keyhash>+<base64>`. Throws `KEY_INVALID`, also for another algorithm or a hash that does not fit. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name, keyHash, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim()) ?? [];
  const bytes = encoded === undefined ? undefined : decodeBase64(encoded);
  if (name === undefined || !bytes) throw invalid('A verifier key has the form name+hash+base64');
  if (bytes[0] !== ED25519)
    throw invalid(`The key ${name} uses algorithm ${bytes[0]}, and only 1 (Ed25519) is supported`);
  const key = createVerifierKey(name, bytes.subarray(1));
  if (key.keyHash !== keyHash) throw invalid(`The hash ${keyHash} does not belong to the key ${name}`);
  return key;
}

/** True if `signature` is the key's own over `text`. */
export function verifySignature(key: VerifierKey, text: string, signature: Uint8Array): boolean {
  return verify(null, Buffer.from(text), importPublicKey(key.publicKey), signature);
}

export function isKeyName(name: string): boolean {
  // Control characters are no part of a note (signed-note, "Format").
  return name.length > 0 && name.isWellFormed() && !/[\s+\p{Cc}\p{Z}]/u.test(name);
}

export function invalid(what: string, cause?: unknown): AuditError {
  return new AuditError({
    code: 'KEY_INVALID',
    message: `${what}.`,
    hint: 'A key name has no spaces and no plus sign; copy keys whole, as `signalbox init` printed them.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function importPublicKey(publicKey: Uint8Array): KeyObject {
  const x = Buffer.from(publicKey).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
