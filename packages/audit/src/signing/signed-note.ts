import { decodeBase64 } from './base64.js';
import { type SigningKey, signText } from './signing-key.js';
import { isKeyName, type VerifierKey, verifySignature } from './verifier-key.js';

/** A text and who signed it (https://c2sp.org/signed-note). */
export interface SignedNote {
  /** With its final newline, without the blank line. */
  text: string;
  signatures: { name: string; keyHash: string; signature: Uint8Array }[];
}

// The format asks to accept 16 signatures at least and to set some limit (signed-note, "Format").
const MAX_SIGNATURES = 100;
const SIGNATURE_LINE = /^\u2014 (\S+) (\S+)$/;
const KEY_HASH_BYTES = 4;

/** Signs `text`, which must end with a newline. */
export function signNote(text: string, key: SigningKey): string {
  const signature = Buffer.concat([Buffer.from(key.verifier.keyHash, 'hex'), signText(key, text)]);
  return `${text}\n\u2014 ${key.name} ${signature.toString('base64')}\n`;
}

/** Takes a note apart without checking any signature; `undefined` if it is not a well-formed note. */
export function parseNote(note: string): SignedNote | undefined {
  const split = note.lastIndexOf('\n\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids exactly these
  if (split < 0 || !note.endsWith('\n') || !note.isWellFormed() || /[\0-\x09\x0b-\x1f]/.test(note)) return undefined;
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return undefined;
  const signatures: SignedNote['signatures'] = [];
  for (const line of lines) {
    const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
    const bytes = encoded === undefined ? undefined : decodeBase64(encoded);
    if (name === undefined || !isKeyName(name) || !bytes || bytes.length <= KEY_HASH_BYTES) return undefined;
    signatures.push({
      name,
      keyHash: bytes.toString('hex', 0, KEY_HASH_BYTES),
      signature: bytes.subarray(KEY_HASH_BYTES),
    });
  }
  return { text: note.slice(0, split + 1), signatures };
}

/** What a key says about a note. Signatures of other keys are ignored, as the format asks. */
export function checkNote(note: SignedNote, key: VerifierKey): 'signed' | 'not-signed' | 'bad-signature' {
  const own = note.signatures.filter((each) => each.name === key.name && each.keyHash === key.keyHash);
  if (own.length === 0) return 'not-signed';
  return own.every((each) => verifySignature(key, note.text, each.signature)) ? 'signed' : 'bad-signature';
}
