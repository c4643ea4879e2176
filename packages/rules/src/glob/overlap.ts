import type { Automaton } from './automaton.js';
import { type CharSet, hasChar, intersect, SLASH } from './char-set.js';
import { automatonOf, type Glob } from './glob.js';

/**
 * True exactly if some path matches both patterns, a path being non-empty segments with `/` between them. Polynomial: a
 * search through the product of the two automata, each pair of states visited at most once.
 */
export function globsOverlap(a: Glob, b: Glob): boolean {
  if (!prefixesMeet(a.literalPrefix, b.literalPrefix)) return false;
  if (!a.literalSuffix.endsWith(b.literalSuffix) && !b.literalSuffix.endsWith(a.literalSuffix)) return false;
  return productReachesEnd(automatonOf(a), automatonOf(b));
}

/** Patterns can only overlap where one literal prefix lies at or below the other. */
function prefixesMeet(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return short === '' || short === long || long.startsWith(`${short}/`);
}

function productReachesEnd(a: Automaton, b: Automaton): boolean {
  const width = b.moves.length;
  // A state of the product is (state of a, state of b, whether a segment has just begun); segments are never empty.
  const seen = new Set<number>([1]);
  for (const key of seen) {
    const segmentStart = (key & 1) === 1;
    const stateA = Math.floor((key >> 1) / width);
    const stateB = (key >> 1) % width;
    if (!segmentStart && a.accepts[stateA] && b.accepts[stateB]) return true;
    for (const moveA of a.moves[stateA] ?? []) {
      for (const moveB of b.moves[stateB] ?? []) {
        const common = commonChars(moveA.on, moveB.on);
        const pair = (moveA.to * width + moveB.to) << 1;
        if (common.segmentChar) seen.add(pair);
        if (common.slash && !segmentStart) seen.add(pair | 1);
      }
    }
  }
  return false;
}

function commonChars(a: CharSet, b: CharSet): { segmentChar: boolean; slash: boolean } {
  const both = intersect(a, b);
  const slash = hasChar(both, SLASH);
  const onlySlash = both.length === 1 && both[0]?.[0] === SLASH && both[0][1] === SLASH;
  return { segmentChar: both.length > 0 && !onlySlash, slash };
}
