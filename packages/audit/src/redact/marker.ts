import { sha256 } from '@signalbox/kernel';

const HASH_DIGITS = 8;
const MARKER = /\[redacted:[a-z-]{1,30}:[0-9a-f]{8}\]/y;
const MARKER_START = '[redacted:';
const MARKER_LENGTH = MARKER_START.length + 30 + 1 + HASH_DIGITS + 1;

/** Kinds that somebody may have thought up: 32 bits of their hash would be enough to confirm a guess. */
const GUESSABLE: ReadonlySet<string> = new Set([
  ...['authorization', 'bearer-token', 'known-secret', 'password', 'secret', 'url-password', 'url-token'],
]);

/**
 * What stands in place of a secret. Of one that a machine drew, the digits let a reader see that two places held the same; of one
 * that can be guessed they say nothing.
 */
export function markSecret(what: string, secret: string): string {
  const start = 'sha256:'.length;
  const digits = GUESSABLE.has(what) ? '0'.repeat(HASH_DIGITS) : sha256(secret).slice(start, start + HASH_DIGITS);
  return `[redacted:${what}:${digits}]`;
}

/** True if `text` begins with a marker: redacting twice changes nothing. */
export function isMarked(text: string): boolean {
  return text.startsWith(MARKER_START);
}

/** True if `[from, to)` lies within one marker. */
export function isMarkerAt(text: string, from: number, to: number): boolean {
  if (to - from > MARKER_LENGTH) return false;
  // Only so far back as a marker reaches, or a text without markers would be searched whole for each span.
  const floor = Math.max(0, from - MARKER_LENGTH);
  const start = text.slice(floor, from + 1).lastIndexOf('[');
  if (start < 0) return false;
  MARKER.lastIndex = floor + start;
  return MARKER.test(text) && to <= MARKER.lastIndex;
}

/** In a pattern, behind a name: not the name of a kind within a marker, whose digits would look like a value. */
export const NOT_IN_MARKER = String.raw`(?<!\[redacted:[a-z-]{0,30})`;
