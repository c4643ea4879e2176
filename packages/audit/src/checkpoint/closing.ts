import { canonicalJson } from '@signalbox/kernel';
import type { SigningKey } from '../signing/signing-key.js';
import { formatVerifierKey } from '../signing/verifier-key.js';

/** The line that closes an export or a sealed segment: a signed checkpoint and the verifier key for it. */
export function closingLine(checkpoint: string, key: SigningKey): string {
  return canonicalJson({ checkpoint, key: formatVerifierKey(key.verifier) });
}
