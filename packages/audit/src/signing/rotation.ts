import type { JournalEntry, JsonObject } from '@signalbox/kernel';
import { checkNote, parseNote, signNote } from './signed-note.js';
import type { SigningKey } from './signing-key.js';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from './verifier-key.js';

/** The kind of the entry that says that a key was replaced. */
export const KEY_ROTATED = 'key.rotated';
const PURPOSE = 'signalbox.dev/key-rotation/v1';

/**
 * The entry that replaces the key of a log. Append it, then sign with the new key. Both keys sign the statement: the old one
 * hands over, the new one shows that its private half is there. `origin` is the log's, see `originOf`.
 */
export function createRotation(origin: string, from: SigningKey, to: SigningKey, actor: string): JournalEntry {
  const text = statement(origin, from.verifier, to.verifier);
  const note = signNote(text, from) + signNote(text, to).slice(text.length + 1);
  const data = { from: formatVerifierKey(from.verifier), to: formatVerifierKey(to.verifier), note };
  return { kind: KEY_ROTATED, actor, subject: `key/${to.verifier.keyHash}`, data };
}

/** The hand-over that the data of a `key.rotated` entry proves; `undefined` if it proves none for this log. */
export function readRotation(data: JsonObject, origin: string): { from: VerifierKey; to: VerifierKey } | undefined {
  const from = readKey(data['from']);
  const to = readKey(data['to']);
  const note = typeof data['note'] === 'string' ? parseNote(data['note']) : undefined;
  if (!from || !to || !note || note.text !== statement(origin, from, to)) return undefined;
  return checkNote(note, from) === 'signed' && checkNote(note, to) === 'signed' ? { from, to } : undefined;
}

/**
 * Every key that may have signed for a log: `first`, which the caller trusts, and those it was handed on to, in the order
 * of the entries. `rotations` are the data of the `key.rotated` entries.
 */
export function followRotations(first: VerifierKey, rotations: Iterable<JsonObject>, origin: string): VerifierKey[] {
  const keys = [first];
  const known = new Set([formatVerifierKey(first)]);
  for (const data of rotations) {
    const step = readRotation(data, origin);
    if (!step || !known.has(formatVerifierKey(step.from))) continue;
    if (!known.has(formatVerifierKey(step.to))) keys.push(step.to);
    known.add(formatVerifierKey(step.to));
  }
  return keys;
}

function statement(origin: string, from: VerifierKey, to: VerifierKey): string {
  return `${PURPOSE}\n${origin}\n${formatVerifierKey(from)}\n${formatVerifierKey(to)}\n`;
}

function readKey(text: unknown): VerifierKey | undefined {
  try {
    return parseVerifierKey(String(text));
  } catch {
    return undefined;
  }
}
