const SIMPLE_ESCAPES = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['?', '?'],
]);

const CODE_ESCAPES = /^(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/;

export interface StringLiteral {
  /** What it stands for; without the escapes that could not be read. */
  readonly value: string;
  /** As written; to the end of the line if it was never closed. */
  readonly text: string;
  readonly problems: readonly { readonly message: string; readonly offset: number }[];
}

/** Reads a CEL string literal that starts at `offset`. */
export function readString(source: string, offset: number): StringLiteral {
  const quote = source[offset] as string;
  if (source.startsWith(quote.repeat(3), offset)) return readTripleQuoted(source, offset, quote.repeat(3));
  const problems: { message: string; offset: number }[] = [];
  let value = '';
  let at = offset + 1;
  while (at < source.length) {
    const char = source[at] as string;
    if (char === quote) return { value, text: source.slice(offset, at + 1), problems };
    if (char === '\n' || char === '\r') break;
    if (char !== '\\') {
      value += char;
      at++;
      continue;
    }
    const read = readEscape(source, at);
    if (read === null) {
      const message = `"${source.slice(at, at + 2)}" is not an escape sequence.`;
      problems.push({ message, offset: at });
    }
    value += read?.value ?? '';
    at += read?.length ?? 2;
  }
  problems.push({ message: `This string has no closing ${quote}.`, offset });
  return { value, text: source.slice(offset, Math.min(at, source.length)), problems };
}

function readTripleQuoted(source: string, offset: number, quotes: string): StringLiteral {
  const end = source.indexOf(quotes, offset + 3);
  const text = end === -1 ? source.slice(offset) : source.slice(offset, end + 3);
  const message = 'Triple-quoted strings are not part of this language.';
  return { value: '', text, problems: [{ message, offset }] };
}

function readEscape(source: string, offset: number): { value: string; length: number } | null {
  const simple = SIMPLE_ESCAPES.get(source[offset + 1] ?? '');
  if (simple !== undefined) return { value: simple, length: 2 };
  const code = CODE_ESCAPES.exec(source.slice(offset + 1, offset + 10));
  if (!code) return null;
  const octal = code[4];
  const codePoint = octal ? Number.parseInt(octal, 8) : Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16);
  const isScalar = codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff);
  return isScalar ? { value: String.fromCodePoint(codePoint), length: code[0].length + 1 } : null;
}
