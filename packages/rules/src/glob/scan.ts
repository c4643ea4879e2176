import { type CharSet, intersect, SEGMENT_CHARS, SLASH, singleChar, subtract, unite } from './char-set.js';

/** What one position of a pattern matches: one character, a run inside a segment (`*`), or the separator. */
export type Atom =
  | { readonly kind: 'char'; readonly codePoint: number }
  | { readonly kind: 'class'; readonly set: CharSet; readonly text: string }
  | { readonly kind: 'star' }
  | { readonly kind: 'slash' };

/** A pattern before its braces are expanded. */
export type Piece = Atom | { readonly kind: 'braces'; readonly alternatives: readonly (readonly Piece[])[] };

/** Thrown inside the parser only; `parseGlob` and `checkGlob` turn it into an error or a reason. */
export class GlobSyntax extends Error {}

interface Cursor {
  readonly chars: readonly string[];
  at: number;
}

/** Reads a pattern into pieces. Throws {@link GlobSyntax} with the reason. */
export function scanGlob(pattern: string): Piece[] {
  const cursor: Cursor = { chars: [...pattern], at: 0 };
  const pieces = scanSequence(cursor, false);
  if (cursor.at < cursor.chars.length) throw new GlobSyntax('it closes a brace "}" that it never opened');
  return pieces;
}

function scanSequence(cursor: Cursor, inBraces: boolean): Piece[] {
  const pieces: Piece[] = [];
  while (cursor.at < cursor.chars.length) {
    const char = cursor.chars[cursor.at] as string;
    if (char === '}' || (inBraces && char === ',')) return pieces;
    cursor.at++;
    if (char === '{') pieces.push(scanBraces(cursor));
    else if (char === '[') pieces.push(scanClass(cursor));
    else if (char === '*') pieces.push({ kind: 'star' });
    else if (char === '?') pieces.push({ kind: 'class', set: SEGMENT_CHARS, text: '?' });
    else if (char === '/') pieces.push({ kind: 'slash' });
    else pieces.push({ kind: 'char', codePoint: char.codePointAt(0) as number });
  }
  return pieces;
}

function scanBraces(cursor: Cursor): Piece {
  const alternatives: Piece[][] = [];
  for (;;) {
    alternatives.push(scanSequence(cursor, true));
    const end = cursor.chars[cursor.at++];
    if (end === undefined) throw new GlobSyntax('it opens a brace "{" that it never closes');
    if (end === '}') return { kind: 'braces', alternatives };
  }
}

function scanClass(cursor: Cursor): Piece {
  const start = cursor.at - 1;
  const first = cursor.chars[cursor.at];
  const negated = first === '!' || first === '^';
  if (negated) cursor.at++;
  const ranges: [number, number][] = [];
  // As in POSIX, a "]" that comes first is a member.
  for (let isFirst = true; isFirst || cursor.chars[cursor.at] !== ']'; isFirst = false) ranges.push(scanRange(cursor));
  cursor.at++;
  const text = cursor.chars.slice(start, cursor.at).join('');
  const members = unite(ranges);
  const set = negated ? subtract(SEGMENT_CHARS, members) : intersect(SEGMENT_CHARS, members);
  return { kind: 'class', set, text };
}

function scanRange(cursor: Cursor): [number, number] {
  const low = classMember(cursor);
  if (cursor.chars[cursor.at] !== '-' || cursor.chars[cursor.at + 1] === ']') return [low, low];
  cursor.at++;
  const high = classMember(cursor);
  if (high < low) throw new GlobSyntax('it has a character range that runs backwards');
  return [low, high];
}

function classMember(cursor: Cursor): number {
  const char = cursor.chars[cursor.at++];
  if (char === undefined) throw new GlobSyntax('it opens a bracket "[" that it never closes');
  const codePoint = char.codePointAt(0) as number;
  if (codePoint === SLASH)
    throw new GlobSyntax('it has a "/" inside brackets, which only ever stands between segments');
  return codePoint;
}

/** The characters one atom matches; `null` for `*`. */
export function charsOf(atom: Atom): CharSet | null {
  if (atom.kind === 'char') return singleChar(atom.codePoint);
  if (atom.kind === 'class') return atom.set;
  return atom.kind === 'slash' ? singleChar(SLASH) : null;
}
