import { createPublicKey, sign, verify } from 'node:crypto';
import * as z from 'zod';
import { AuditError } from '../errors.js';
import { decodeBase64 } from '../signing/base64.js';
import type { SigningKey } from '../signing/signing-key.js';
import type { VerifierKey } from '../signing/verifier-key.js';

/** A Dead Simple Signing Envelope, as it stands in JSON (https://github.com/secure-systems-lab/dsse). */
export interface Envelope {
  /** Base64. */
  payload: string;
  payloadType: string;
  signatures: { keyid?: string; sig: string }[];
}

export interface OpenedEnvelope {
  payload: Buffer;
  /** Whose signatures are good, each key once, in the order of the envelope. */
  signers: VerifierKey[];
}

const MAX_SIGNATURES = 16;
const EnvelopeShape = z.object({
  payload: z.string(),
  payloadType: z.string().min(1),
  signatures: z
    .array(z.object({ keyid: z.string().optional(), sig: z.string() }))
    .min(1)
    .max(MAX_SIGNATURES),
});

/** What is signed: `DSSEv1`, then type and body, each behind its length in bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** Signs a payload with one or more keys. Throws `ENVELOPE_INVALID` without a key, or with too many. */
export function sealEnvelope(
  payloadType: string,
  payload: string | Uint8Array,
  keys: readonly Pick<SigningKey, 'privateKey' | 'verifier'>[],
): Envelope {
  if (keys.length < 1 || keys.length > MAX_SIGNATURES)
    throw invalid(`An envelope has 1 to ${MAX_SIGNATURES} signatures`);
  const bytes = Buffer.from(payload as Uint8Array);
  const message = preAuthEncoding(payloadType, bytes);
  return {
    payload: bytes.toString('base64'),
    payloadType,
    signatures: keys.map(({ privateKey, verifier }) => ({
      keyid: keyId(verifier),
      sig: sign(null, message, privateKey).toString('base64'),
    })),
  };
}

/** Reads an envelope without checking a signature. Throws `ENVELOPE_INVALID`. */
export function parseEnvelope(value: unknown): Envelope {
  const parsed = EnvelopeShape.safeParse(typeof value === 'string' ? parseJson(value) : value);
  if (!parsed.success) throw invalid(`It is no envelope: ${parsed.error.issues[0]?.message ?? 'invalid'}`);
  const { payload, payloadType, signatures } = parsed.data;
  return {
    payload,
    payloadType,
    signatures: signatures.map(({ keyid, sig }) => (keyid === undefined ? { sig } : { keyid, sig })),
  };
}

/**
 * Gives the payload if it is of `payloadType` and at least `threshold` of `keys` (default 1) have signed it. A key id is a
 * hint and no more. Throws `ENVELOPE_INVALID`. The type is looked at first: nobody reads one kind of payload as another.
 */
export function openEnvelope(
  envelope: Envelope,
  keys: readonly VerifierKey[],
  { payloadType, threshold = 1 }: { payloadType: string; threshold?: number },
): OpenedEnvelope {
  if (envelope.payloadType !== payloadType) {
    throw invalid(`Its payload is of type "${envelope.payloadType.slice(0, 100)}" and not "${payloadType}"`);
  }
  const payload = decode(envelope.payload);
  if (!payload) throw invalid('Its payload is not base64');
  const message = preAuthEncoding(payloadType, payload);
  const signers = new Set<VerifierKey>();
  for (const { sig } of envelope.signatures) {
    const signature = decode(sig);
    const signer = signature && keys.find((key) => isSignedBy(key, message, signature));
    if (signer) signers.add(signer);
  }
  if (signers.size < threshold) {
    throw invalid(`${signers.size} of the given keys have signed it, and ${threshold} must have`);
  }
  return { payload, signers: [...signers] };
}

/** How our keys are named in an envelope: `<name>+<keyhash>`. */
export function keyId({ name, keyHash }: VerifierKey): string {
  return `${name}+${keyHash}`;
}

function isSignedBy(key: VerifierKey, message: Buffer, signature: Buffer): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key.publicKey).toString('base64url') };
  return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature);
}

/** The specification has readers take both alphabets of base64. */
function decode(text: string): Buffer | undefined {
  return decodeBase64(text) ?? decodeBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('It is not JSON');
  }
}

function invalid(what: string): AuditError {
  return new AuditError({
    code: 'ENVELOPE_INVALID',
    message: `The envelope cannot be opened: ${what}.`,
    hint: 'Check with the public key of whoever should have signed it, and copy the file byte for byte.',
  });
}
