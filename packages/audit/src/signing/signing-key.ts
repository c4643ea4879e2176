import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { messageOf } from '@signalbox/kernel';
import { AuditError } from '../errors.js';
import { createVerifierKey, formatVerifierKey, invalid, type VerifierKey } from './verifier-key.js';

/** An Ed25519 key that signs checkpoints. The private half stays in the key object and in its file. */
export interface SigningKey {
  readonly name: string;
  readonly verifier: VerifierKey;
  readonly privateKey: KeyObject;
}

const NAME_LINE = /^Key-Name: (\S+)\r?\n/;

/** Makes a new key. Throws `KEY_INVALID` if `name` is empty or has spaces or `+` in it. */
export function createSigningKey(name: string): SigningKey {
  return fromPrivateKey(name, generateKeyPairSync('ed25519').privateKey);
}

/** Writes the key as PEM below a line with its name, for its owner only (mode 0600). Throws `KEY_EXISTS`: a key is never overwritten. */
export function saveSigningKey(file: string, key: SigningKey): void {
  const pem = key.privateKey.export({ type: 'pkcs8', format: 'pem' });
  try {
    writeFileSync(file, `Key-Name: ${key.name}\n${pem}`, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new AuditError({
      code: 'KEY_EXISTS',
      message: `${file} already exists.`,
      hint: 'Move the old key away first, and keep it: what it has signed can be checked only with its public half.',
      cause: error,
    });
  }
}

/** Reads what {@link saveSigningKey} wrote. Throws `KEY_INVALID` if the file is missing or holds something else. */
export function loadSigningKey(file: string): SigningKey {
  try {
    const text = readFileSync(file, 'utf8');
    const name = NAME_LINE.exec(text)?.[1];
    if (!name) throw new Error('it has no Key-Name line');
    const privateKey = createPrivateKey(text.replace(NAME_LINE, ''));
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('it is not an Ed25519 key');
    return fromPrivateKey(name, privateKey);
  } catch (error) {
    throw invalid(`${file} holds no signing key: ${messageOf(error)}`, error);
  }
}

/** The public half in the C2SP form `name+hash+base64`. */
export function verifierKey(key: SigningKey | VerifierKey): string {
  return formatVerifierKey('verifier' in key ? key.verifier : key);
}

/** The key's signature over `text`: 64 bytes. */
export function signText(key: SigningKey, text: string): Buffer {
  return sign(null, Buffer.from(text), key.privateKey);
}

function fromPrivateKey(name: string, privateKey: KeyObject): SigningKey {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { name, verifier: createVerifierKey(name, Buffer.from(String(x), 'base64url')), privateKey };
}
