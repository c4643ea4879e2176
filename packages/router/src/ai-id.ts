const ID = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** The words that stand for something else wherever an AI's id may stand. */
const RESERVED: ReadonlySet<string> = new Set(['auto', 'shared', 'none']);

/**
 * Whether a text can be an AI's id, registered or not: 1 to 63 lower-case letters, digits, dots, dashes and underscores, a letter
 * or digit first, and none of `auto`, `shared`, `none`. Such a text is safe as the name of a file.
 */
export function isAIId(text: string): boolean {
  return ID.test(text) && !isReservedId(text);
}

export function isReservedId(text: string): boolean {
  return RESERVED.has(text);
}
