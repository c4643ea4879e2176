import type { Automaton } from './automaton.js';
import { type CharSet, hasChar, SLASH } from './char-set.js';
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
  // A state of the product is (state of a, state of b, whether a segment has just begun); segments are never empty. By the
  // first of the three lies what has been seen of the other two.
  const seen: Uint8Array[] = [];
  const pending: [stateA: number, stateB: number, segmentStart: 0 | 1][] = [];
  const visit = (stateA: number, stateB: number, segmentStart: 0 | 1): void => {
    seen[stateA] ??= new Uint8Array(2 * b.moves.length);
    const row = seen[stateA];
    if (row[2 * stateB + segmentStart] === 1) return;
    row[2 * stateB + segmentStart] = 1;
    pending.push([stateA, stateB, segmentStart]);
  };
  visit(0, 0, 1);
  for (let at = pending.pop(); at; at = pending.pop()) {
    const [stateA, stateB, segmentStart] = at;
    if (segmentStart === 0 && a.accepts[stateA] && b.accepts[stateB]) return true;
    for (const moveA of a.moves[stateA] ?? []) {
      for (const moveB of b.moves[stateB] ?? []) {
        if (haveCommonSegmentChar(moveA.on, moveB.on)) visit(moveA.to, moveB.to, 0);
        if (segmentStart === 0 && hasChar(moveA.on, SLASH) && hasChar(moveB.on, SLASH)) visit(moveA.to, moveB.to, 1);
      }
    }
  }
  return false;
}

/** Whether some character other than the separator is in both. Called up to some million times a pair, so it allocates nothing. */
function haveCommonSegmentChar(a: CharSet, b: CharSet): boolean {
  let atB = 0;
  for (const [lowA, highA] of a) {
    for (; atB < b.length; atB++) {
      const [lowB, highB] = b[atB] as CharSet[number];
      if (lowB > highA) break;
      const [low, high] = [Math.max(lowA, lowB), Math.min(highA, highB)];
      if (low <= high && (low !== SLASH || high !== SLASH)) return true;
      if (highB > highA) break;
    }
  }
  return false;
}
