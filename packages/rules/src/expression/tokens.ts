import { ExpressionSyntax } from './problem.js';
import { readString } from './string-literal.js';

export type Token =
  | { readonly kind: 'name' | 'symbol' | 'end'; readonly text: string; readonly offset: number }
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

const MEANT = new Map([
  ['&', '&&'],
  ['|', '||'],
  ['=', '=='],
]);

/** Splits an expression into tokens; the last is always `end`. Throws {@link ExpressionSyntax}. */
export function readTokens(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const blank = /^(?:[ \t\r\n\f]+|\/\/[^\n]*)/.exec(source.slice(at, at + 4096));
    if (blank) {
      at += blank[0].length;
      continue;
    }
    const token = readToken(source, at);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: 'end', text: '', offset: source.length });
  return tokens;
}

function readToken(source: string, offset: number): Token {
  const char = source[offset] as string;
  if (char === '"' || char === "'") return { kind: 'string', offset, ...readString(source, offset) };
  if (/[0-9]/.test(char)) return readInt(source, offset);
  if (/[A-Za-z_]/.test(char)) return { kind: 'name', text: match(/^[A-Za-z_][A-Za-z0-9_]*/, source, offset), offset };
  const symbol = SYMBOLS.find((each) => source.startsWith(each, offset));
  if (symbol) return { kind: 'symbol', text: symbol, offset };
  const outside = OUTSIDE.get(char);
  if (outside) throw new ExpressionSyntax(`${outside} ("${char}") is not part of this language.`, offset);
  const meant = MEANT.get(char);
  const advice = meant ? ` Did you mean "${meant}"?` : '';
  throw new ExpressionSyntax(`The character ${JSON.stringify(char)} has no meaning here.${advice}`, offset);
}

function readInt(source: string, offset: number): Token {
  const text = match(/^[0-9A-Za-z_]+(?:\.[0-9]+)?/, source, offset);
  if (!/^[0-9]+$/.test(text)) throw new ExpressionSyntax(`"${text}" is not a whole decimal number.`, offset);
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new ExpressionSyntax(`${text} is too large.`, offset);
  return { kind: 'int', value, text, offset };
}

function match(pattern: RegExp, source: string, offset: number): string {
  return pattern.exec(source.slice(offset))?.[0] ?? '';
}
