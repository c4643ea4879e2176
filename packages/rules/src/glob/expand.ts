import { type Atom, GlobSyntax, type Piece } from './scan.js';

export const MAX_ALTERNATIVES = 256;
export const MAX_SEGMENTS = 64;

/**
 * One position of a brace-free pattern. `skip` is a `**` segment with its separator (zero or more whole segments), `rest`
 * a `**` segment that ends the pattern (one or more whole segments).
 */
export type Token = Atom | { readonly kind: 'skip' } | { readonly kind: 'rest' };

/** The brace-free alternatives of a pattern, each checked. Throws {@link GlobSyntax} with the reason. */
export function expandAlternatives(pieces: readonly Piece[]): Token[][] {
  if (countAlternatives(pieces) > MAX_ALTERNATIVES) {
    throw new GlobSyntax(`its braces stand for more than ${MAX_ALTERNATIVES} alternatives`);
  }
  return expand(pieces).map(toTokens);
}

function countAlternatives(pieces: readonly Piece[]): number {
  let product = 1;
  for (const piece of pieces) {
    if (piece.kind !== 'braces') continue;
    const sum = piece.alternatives.reduce((total, alternative) => total + countAlternatives(alternative), 0);
    product = Math.min(product * sum, MAX_ALTERNATIVES + 1);
  }
  return product;
}

function expand(pieces: readonly Piece[]): Atom[][] {
  let heads: Atom[][] = [[]];
  for (const piece of pieces) {
    if (piece.kind !== 'braces') {
      for (const head of heads) head.push(piece);
      continue;
    }
    const tails = piece.alternatives.flatMap(expand);
    heads = heads.flatMap((head) => tails.map((tail) => [...head, ...tail]));
  }
  return heads;
}

function toTokens(atoms: readonly Atom[]): Token[] {
  const segments = splitSegments(atoms);
  if (segments.length > MAX_SEGMENTS) throw new GlobSyntax(`it has more than ${MAX_SEGMENTS} segments`);
  const tokens: Token[] = [];
  segments.forEach((segment, index) => {
    checkSegment(segment, index, segments.length);
    const isLast = index === segments.length - 1;
    if (isGlobstar(segment)) {
      tokens.push({ kind: isLast ? 'rest' : 'skip' });
      return;
    }
    for (const [at, atom] of segment.entries()) {
      if (atom.kind !== 'star' || segment[at - 1]?.kind !== 'star') tokens.push(atom);
    }
    if (!isLast) tokens.push({ kind: 'slash' });
  });
  return tokens;
}

function splitSegments(atoms: readonly Atom[]): Atom[][] {
  const segments: Atom[][] = [[]];
  for (const atom of atoms) {
    if (atom.kind === 'slash') segments.push([]);
    else segments.at(-1)?.push(atom);
  }
  return segments;
}

function isGlobstar(segment: readonly Atom[]): boolean {
  return segment.length === 2 && segment.every((atom) => atom.kind === 'star');
}

function checkSegment(segment: readonly Atom[], index: number, count: number): void {
  if (segment.length === 0) throw new GlobSyntax(emptyReason(index, count));
  const literal = literalText(segment);
  if (literal === '.' || literal === '..') throw new GlobSyntax(`it has a "${literal}" segment`);
}

function emptyReason(index: number, count: number): string {
  if (count === 1) return 'it is empty';
  if (index === 0) return 'it is absolute, and patterns are relative to the root of the repository';
  if (index === count - 1) return 'it ends with "/"; write "/**" for everything below';
  return 'it has an empty segment ("//")';
}

/** The text of a run of plain characters; `null` if anything else is among them. */
export function literalText(atoms: readonly Token[]): string | null {
  let text = '';
  for (const atom of atoms) {
    if (atom.kind !== 'char') return null;
    text += String.fromCodePoint(atom.codePoint);
  }
  return text;
}
