/** Bits per character. Names and words lie below, keys of this length or more lie above. */
const RANDOM_BITS = 3.2;
const MIN_LENGTH = 16;

/**
 * True for text that chance made: long, with lower case, upper case and digits mixed. Hexadecimal text is not, so git object
 * ids, digests and our own ids are left alone.
 */
export function looksRandom(text: string): boolean {
  if (text.length < MIN_LENGTH) return false;
  if (!/[a-z]/.test(text) || !/[A-Z]/.test(text) || !/\d/.test(text)) return false;
  return entropy(text) >= RANDOM_BITS;
}

/** Shannon entropy of the characters, in bits per character. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
