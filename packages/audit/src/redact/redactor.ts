import { isUtf8 } from 'node:buffer';
import type { Json } from '@signalbox/kernel';
import { findForms, formsOf, MIN_SECRET_LENGTH } from './known-secrets.js';
import { redactJsonWith, redactText } from './redact.js';
import { replaceSpans } from './spans.js';

/** Redaction that also knows values which must never appear anywhere, whatever they look like. */
export interface Redactor {
  /** Known values first, in every form they may have, then what `redactText` finds. */
  text(text: string): string;
  /** As `redactJson`: every string, and every key. */
  json<T extends Json>(value: T): T;
  /**
   * Bytes that are UTF-8 as text; others byte by byte, so that a value between binary data is found as well. The same object
   * comes back if nothing was found.
   */
  bytes(bytes: Uint8Array): Uint8Array;
  /** UTF-16 code units of the longest form of a known value: so much around a cut must not be kept. */
  readonly reach: number;
}

/**
 * Makes a redactor for `secrets`: values from the environment, of a key file, of a keychain. They are found exactly, also
 * escaped in JSON, percent-encoded, in base64 (at any place within what was encoded) and in hexadecimal; of a value of several
 * lines also each line. Values shorter than 6 characters are left out: they are in ordinary text as well.
 */
export function createRedactor({ secrets = [] }: { secrets?: readonly string[] } = {}): Redactor {
  const known = secrets.filter((secret) => secret.trim().length >= MIN_SECRET_LENGTH);
  const forms = formsOf(known);
  const byteForms = formsOf(known.map(latin1Of));
  const text = withoutRepetition((value) => redactText(replaceSpans(value, findForms(value, forms))));
  return {
    reach: forms[0]?.length ?? 0,
    text,
    json: (value) => redactJsonWith(value, text),
    bytes(bytes) {
      const isText = isUtf8(bytes);
      const before = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(isText ? 'utf8' : 'latin1');
      const after = isText ? text(before) : redactText(replaceSpans(before, findForms(before, byteForms)));
      return after === before ? bytes : Buffer.from(after, isText ? 'utf8' : 'latin1');
    },
  };
}

// Names of members, rules, actions and paths, of which each decision has the same few dozen.
const REPEATED_LENGTH = 100;
const REPEATED_COUNT = 2_000;

/** Keeps which short texts had nothing to redact, and never one that had. */
function withoutRepetition(redact: (text: string) => string): (text: string) => string {
  const clean = new Set<string>();
  return (text) => {
    if (text.length > REPEATED_LENGTH) return redact(text);
    if (clean.has(text)) return text;
    const redacted = redact(text);
    if (redacted !== text) return redacted;
    if (clean.size >= REPEATED_COUNT) clean.clear();
    clean.add(text);
    return text;
  };
}

/** The value's UTF-8 as one character a byte, which is how binary data is searched. */
function latin1Of(value: string): string {
  return Buffer.from(value).toString('latin1');
}
