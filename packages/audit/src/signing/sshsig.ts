import { createPublicKey, hash, sign, verify } from 'node:crypto';
import { AuditError } from '../errors.js';
import { decodeBase64 } from './base64.js';
import type { SigningKey } from './signing-key.js';
import type { VerifierKey } from './verifier-key.js';

// The format: PROTOCOL.sshsig of OpenSSH.
const MAGIC = Buffer.from('SSHSIG');
const VERSION = 1;
const ALGORITHM = 'ssh-ed25519';
const HASHES = ['sha512', 'sha256'];
const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';
const LINE = 70;

/** What a signature of a checkpoint is for: `ssh-keygen -Y verify -n` takes it, and refuses a signature for anything else. */
export const CHECKPOINT_NAMESPACE = 'checkpoint@signalbox.dev';

/**
 * Signs bytes so that `ssh-keygen -Y verify -n <namespace>` accepts them. Throws `SSHSIG_INVALID` for an empty namespace,
 * which the format forbids.
 */
export function signSsh(key: SigningKey, message: string | Uint8Array, namespace: string): string {
  if (namespace === '') throw invalid('An SSH signature needs a namespace');
  const signature = sign(null, signedData(message, namespace, 'sha512'), key.privateKey);
  const blob = Buffer.concat([
    MAGIC,
    uint32(VERSION),
    field(publicKeyBlob(key.verifier)),
    field(namespace),
    field(''),
    field('sha512'),
    field(Buffer.concat([field(ALGORITHM), field(signature)])),
  ]);
  const lines = blob.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return `${[BEGIN, ...lines, END].join('\n')}\n`;
}

/**
 * What a key says about an SSH signature: `other-key` if another key made it, `other-purpose` if it is for another
 * namespace, `bad-signature` if it is not over this message. Throws `SSHSIG_INVALID` if it cannot be read, also for keys
 * other than Ed25519.
 */
export function verifySsh(
  armored: string,
  message: string | Uint8Array,
  expected: { key: VerifierKey | string; namespace: string },
): 'signed' | 'other-key' | 'other-purpose' | 'bad-signature' {
  const { publicKey, namespace, hashName, signature } = parseSshSignature(armored);
  const key = typeof expected.key === 'string' ? parseSshPublicKey(expected.key) : expected.key.publicKey;
  if (Buffer.compare(publicKey, key) !== 0) return 'other-key';
  if (namespace !== expected.namespace) return 'other-purpose';
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') };
  const data = signedData(message, namespace, hashName);
  return verify(null, data, createPublicKey({ key: jwk, format: 'jwk' }), signature) ? 'signed' : 'bad-signature';
}

/** A key as OpenSSH writes it: `ssh-ed25519 AAAA…`. */
export function sshPublicKey(key: VerifierKey): string {
  return `${ALGORITHM} ${publicKeyBlob(key).toString('base64')}`;
}

/**
 * The line for the file that `ssh-keygen -Y verify -f` reads. `principal` is what `-I` is then given, such as the key's
 * name; the key counts for `namespace` only. Throws `SSHSIG_INVALID` if either has spaces or quotes in it.
 */
export function allowedSignersLine(key: VerifierKey, principal: string, namespace: string): string {
  for (const each of [principal, namespace]) {
    if (each === '' || /[\s",#*?!]/.test(each)) throw invalid(`"${each}" cannot stand in a file of allowed signers`);
  }
  return `${principal} namespaces="${namespace}" ${sshPublicKey(key)}`;
}

interface SshSignature {
  publicKey: Uint8Array;
  namespace: string;
  hashName: string;
  signature: Uint8Array;
}

function parseSshSignature(armored: string): SshSignature {
  const lines = armored.replace(/\r\n/g, '\n').trim().split('\n');
  const blob = lines[0] === BEGIN && lines.at(-1) === END ? decodeBase64(lines.slice(1, -1).join('')) : undefined;
  if (!blob?.subarray(0, MAGIC.length).equals(MAGIC)) throw invalid('This is not an SSH signature');
  const reader = createReader(blob.subarray(MAGIC.length));
  const version = reader.uint32();
  if (version !== VERSION) throw invalid(`The SSH signature has version ${version}, and only 1 is supported`);
  const publicKey = readPublicKey(reader.field());
  const namespace = reader.field().toString();
  reader.field(); // reserved
  const hashName = reader.field().toString();
  if (!HASHES.includes(hashName)) throw invalid(`The SSH signature uses the hash ${hashName}, which is not supported`);
  const inner = createReader(reader.field());
  if (inner.field().toString() !== ALGORITHM) throw invalid('The SSH signature is not of Ed25519');
  const signature = inner.field();
  inner.end();
  reader.end();
  return { publicKey, namespace, hashName, signature };
}

function parseSshPublicKey(text: string): Uint8Array {
  const [algorithm, encoded = ''] = text.trim().split(/\s+/);
  const blob = decodeBase64(encoded);
  if (algorithm !== ALGORITHM || !blob) throw invalid(`Only ${ALGORITHM} keys are supported, not ${algorithm}`);
  return readPublicKey(blob);
}

function readPublicKey(blob: Buffer): Uint8Array {
  const reader = createReader(blob);
  const algorithm = reader.field().toString();
  if (algorithm !== ALGORITHM) throw invalid(`Only ${ALGORITHM} keys are supported, not ${algorithm}`);
  const key = reader.field();
  reader.end();
  return key;
}

function publicKeyBlob(key: VerifierKey): Buffer {
  return Buffer.concat([field(ALGORITHM), field(key.publicKey)]);
}

/** What is really signed: the hash of the message, bound to its purpose. */
function signedData(message: string | Uint8Array, namespace: string, hashName: string): Buffer {
  return Buffer.concat([MAGIC, field(namespace), field(''), field(hashName), field(hash(hashName, message, 'buffer'))]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function field(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as Uint8Array);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** Reads the length-prefixed fields of SSH, refusing to read past the end. */
function createReader(bytes: Buffer): { uint32(): number; field(): Buffer; end(): void } {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw invalid('The SSH signature ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  return {
    uint32: () => take(4).readUInt32BE(),
    field: () => take(take(4).readUInt32BE()),
    end() {
      if (at !== bytes.length) throw invalid('The SSH signature goes on after its end');
    },
  };
}

function invalid(what: string): AuditError {
  return new AuditError({
    code: 'SSHSIG_INVALID',
    message: `${what}.`,
    hint: 'Signatures are made with `ssh-keygen -Y sign` and an Ed25519 key, or by Signalbox; copy them whole.',
  });
}
