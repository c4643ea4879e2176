import { isoTime } from '@signalbox/kernel';
import { AuditError } from '../errors.js';
import type { TreeHead } from '../ledger/ledger.js';
import { HASH_BYTES } from '../merkle/leaf.js';
import { decodeBase64 } from '../signing/base64.js';
import { checkNote, parseNote, type SignedNote, signNote } from '../signing/signed-note.js';
import type { SigningKey } from '../signing/signing-key.js';
import type { VerifierKey } from '../signing/verifier-key.js';

/** What a checkpoint states (https://c2sp.org/tlog-checkpoint). */
export interface Checkpoint {
  /** Which log: `signalbox.dev/<log id>`. */
  origin: string;
  /** How many entries it covers. */
  size: number;
  /** RFC 6962 root over them, in base64. */
  root: string;
  /** When it was signed, by the signer's clock: ISO 8601. Absent if another program made the note. */
  time?: string;
}

const TIME_LINE = /^time (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/;

/** The origin line that checkpoints of a log carry. A key named like it suits tools that want the two to be equal. */
export function originOf(logId: string): string {
  return `signalbox.dev/${logId}`;
}

/** States how far the log has come and signs it. The note is no entry, so it covers exactly what was there before. */
export function createCheckpoint(ledger: { head(): TreeHead }, key: SigningKey, time: number): string {
  return signTreeHead(ledger.head(), key, time);
}

/** Signs a head that the caller has read. `time` is in milliseconds since the Unix epoch. */
export function signTreeHead(head: TreeHead, key: SigningKey, time: number): string {
  return signNote(`${originOf(head.logId)}\n${head.size}\n${head.root}\ntime ${isoTime(time)}\n`, key);
}

/** Reads a note without checking its signature. Throws `CHECKPOINT_INVALID` if it is not a checkpoint. */
export function parseCheckpoint(note: string): Checkpoint {
  const parsed = readCheckpoint(note);
  if (parsed) return parsed.checkpoint;
  throw new AuditError({
    code: 'CHECKPOINT_INVALID',
    message: 'This is not a checkpoint.',
    hint: 'A checkpoint is three lines or more (origin, size, root), a blank line and a signature; copy it byte for byte.',
  });
}

/** True if `note` is a well-formed checkpoint that `verifier` has signed. */
export function verifyCheckpoint(note: string, verifier: VerifierKey): boolean {
  const parsed = readCheckpoint(note);
  return parsed !== undefined && checkNote(parsed.note, verifier) === 'signed';
}

/** Takes a checkpoint apart, or returns `undefined` if it is none. */
export function readCheckpoint(text: string): { note: SignedNote; checkpoint: Checkpoint } | undefined {
  const note = parseNote(text);
  if (!note) return undefined;
  const [origin, size, root, ...extensions] = note.text.slice(0, -1).split('\n');
  if (!origin || !size || !/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) return undefined;
  if (!root || decodeBase64(root)?.length !== HASH_BYTES || extensions.includes('')) return undefined;
  const time = extensions.map((line) => TIME_LINE.exec(line)?.[1]).find((each) => each !== undefined);
  return { note, checkpoint: { origin, size: Number(size), root, ...(time === undefined ? {} : { time }) } };
}
