import type { Report } from './problem.js';
import { readString } from './string-literal.js';

/** `invalid`: something that was reported already, so the parser passes over it in silence. */
export type Token =
  | { readonly kind: 'name' | 'symbol' | 'end' | 'invalid'; readonly text: string; readonly offset: number }
  | { readonly kind: 'string'; readonly value: string; readonly text: string; readonly offset: number }
  | { readonly kind: 'int'; readonly value: number; readonly text: string; readonly offset: number };

const SYMBOLS = ['||', '&&', '==', '!=', '<=', '>=', '<', '>', '!', '(', ')', '[', ']', ',', '.', '-'];

// CEL has these; this subset does not, because analysis could no longer be complete.
const OUTSIDE = new Map([
  ['+', 'Arithmetic'],
  ['*', 'Arithmetic'],
  ['/', 'Arithmetic'],
  ['%', 'Arithmetic'],
  ['?', 'The conditional operator'],
  ['{', 'A map literal'],
]);

// What only ever follows one of those, so that it is the same slip.
const COMPANIONS = new Map([
  [':', '?{'],
  ['}', '{'],
]);

const MEANT = new Map([
  ['&', '&&'],
  ['|', '||'],
  ['=', '=='],
]);

/** Splits an expression into tokens; the last is always `end`. What cannot be read is reported and passed over. */
export function readTokens(source: string, report: Report): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const blank = match(/(?:[ \t\r\n\f]+|\/\/[^\n]*)/y, source, at);
    if (blank) {
      at += blank.length;
      continue;
    }
    const { token, length } = readToken(source, at, report);
    tokens.push(token);
    at += length;
  }
  tokens.push({ kind: 'end', text: '', offset: source.length });
  return tokens;
}

type Read = { readonly token: Token; readonly length: number };

function readToken(source: string, offset: number, report: Report): Read {
  const char = source[offset] as string;
  if (char === '"' || char === "'") return readText(source, offset, report);
  if (/[0-9]/.test(char)) return readInt(source, offset, report);
  const name = match(/[A-Za-z_][A-Za-z0-9_]*/y, source, offset);
  if (name) return { token: { kind: 'name', text: name, offset }, length: name.length };
  const symbol = SYMBOLS.find((each) => source.startsWith(each, offset));
  if (symbol) return { token: { kind: 'symbol', text: symbol, offset }, length: symbol.length };
  const meant = MEANT.get(char);
  if (meant) {
    report('SYNTAX', `The character ${JSON.stringify(char)} has no meaning here. Did you mean "${meant}"?`, offset);
    return { token: { kind: 'symbol', text: meant, offset }, length: 1 };
  }
  const outside = OUTSIDE.get(char);
  const text = String.fromCodePoint(source.codePointAt(offset) as number);
  const before = source.slice(0, offset);
  const isReported = [...(COMPANIONS.get(char) ?? '')].some((opening) => before.includes(opening));
  if (outside) report('SYNTAX', `${outside} ("${char}") is not part of this language.`, offset);
  else if (!isReported) report('SYNTAX', `The character ${JSON.stringify(text)} has no meaning here.`, offset);
  return { token: { kind: 'invalid', text, offset }, length: text.length };
}

function readText(source: string, offset: number, report: Report): Read {
  const { value, text, problems } = readString(source, offset);
  for (const problem of problems) report('SYNTAX', problem.message, problem.offset);
  const token: Token =
    problems.length > 0 ? { kind: 'invalid', text, offset } : { kind: 'string', value, text, offset };
  return { token, length: text.length };
}

function readInt(source: string, offset: number, report: Report): Read {
  const text = match(/[0-9A-Za-z_]+(?:\.[0-9]+)?/y, source, offset);
  const value = Number(text);
  const isDecimal = /^[0-9]+$/.test(text);
  if (isDecimal && Number.isSafeInteger(value)) {
    return { token: { kind: 'int', value, text, offset }, length: text.length };
  }
  if (isDecimal) report('LIMIT', `${text} is too large.`, offset);
  else report('SYNTAX', `"${text}" is not a whole decimal number.`, offset);
  return { token: { kind: 'invalid', text, offset }, length: text.length };
}

/** `pattern` must be sticky. */
function match(pattern: RegExp, source: string, offset: number): string {
  pattern.lastIndex = offset;
  return pattern.exec(source)?.[0] ?? '';
}
