import { SLASH, SLASH_ONLY, singleChar } from '../../glob/char-set.js';
import { DEAD, type Dfa } from './dfa.js';

const DOT = 0x2e;

const START = 0;
const ROOT = 1;
const SEPARATOR = 2;
const SEGMENT = 3;
/** The path `.`, which is the root of the repository. */
const HERE = 4;
const DOT_SEGMENT = 5;
const DOTS_SEGMENT = 6;

/**
 * Accepts normalised paths: `.`, `/`, or segments with one `/` between them, none of them `.` or `..`, and one `/` before
 * them if the path is absolute. No path holds NUL.
 */
export const PATHS: Dfa = {
  start: START,
  sets: [SLASH_ONLY, singleChar(DOT), singleChar(0)],
  cost: 1,
  next: (state, codePoint) => {
    if (codePoint === 0) return DEAD;
    if (codePoint === SLASH) {
      if (state === START) return ROOT;
      return state === SEGMENT ? SEPARATOR : DEAD;
    }
    if (codePoint !== DOT || state === SEGMENT || state === DOTS_SEGMENT) return SEGMENT;
    if (state === START) return HERE;
    return state === HERE || state === DOT_SEGMENT ? DOTS_SEGMENT : DOT_SEGMENT;
  },
  accepts: (state) => state === SEGMENT || state === HERE || state === ROOT,
  isFull: () => false,
};

export function isNormalPath(path: string): boolean {
  let state = PATHS.start;
  for (const char of path) {
    state = PATHS.next(state, char.codePointAt(0) as number);
    if (state === DEAD) return false;
  }
  return PATHS.accepts(state);
}
