import { ExpressionSyntax } from './problem.js';

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

/** Reads a CEL string literal that starts at `offset`. Throws {@link ExpressionSyntax}. */
export function readString(source: string, offset: number): { value: string; text: string } {
  const quote = source[offset] as string;
  if (source.startsWith(quote.repeat(3), offset)) {
    throw new ExpressionSyntax('Triple-quoted strings are not part of this language.', offset);
  }
  let value = '';
  for (let at = offset + 1; at < source.length; ) {
    const char = source[at] as string;
    if (char === quote) return { value, text: source.slice(offset, at + 1) };
    if (char === '\n' || char === '\r') break;
    if (char !== '\\') {
      value += char;
      at++;
      continue;
    }
    const read = readEscape(source, at);
    value += read.value;
    at += read.length;
  }
  throw new ExpressionSyntax(`This string has no closing ${quote}.`, offset);
}

function readEscape(source: string, offset: number): { value: string; length: number } {
  const simple = SIMPLE_ESCAPES.get(source[offset + 1] ?? '');
  if (simple !== undefined) return { value: simple, length: 2 };
  const code = CODE_ESCAPES.exec(source.slice(offset + 1, offset + 10));
  if (code) {
    const octal = code[4];
    const codePoint = octal ? Number.parseInt(octal, 8) : Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16);
    const isScalar = codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff);
    if (isScalar) return { value: String.fromCodePoint(codePoint), length: code[0].length + 1 };
  }
  throw new ExpressionSyntax(`"${source.slice(offset, offset + 2)}" is not an escape sequence.`, offset);
}
