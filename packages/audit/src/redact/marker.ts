import { sha256 } from '@signalbox/kernel';

const HASH_DIGITS = 8;

/** What stands in place of a secret. The digits let a reader see that two places held the same one. */
export function markSecret(what: string, secret: string): string {
  const start = 'sha256:'.length;
  return `[redacted:${what}:${sha256(secret).slice(start, start + HASH_DIGITS)}]`;
}

/** True if `text` begins with a marker: redacting twice changes nothing. */
export function isMarked(text: string): boolean {
  return text.startsWith('[redacted:');
}

/** In a pattern, behind a name: not the name of a kind within a marker, whose digits would look like a value. */
export const NOT_IN_MARKER = String.raw`(?<!\[redacted:[a-z-]{0,30})`;
