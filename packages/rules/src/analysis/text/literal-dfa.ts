import { singleChar } from '../../glob/char-set.js';
import { DEAD, type Dfa } from './dfa.js';

/** Accepts exactly these texts. */
export function createListDfa(texts: readonly string[]): Dfa {
  const moves: Map<number, number>[] = [new Map()];
  const accepting = new Set<number>();
  for (const text of texts) {
    let state = 0;
    for (const codePoint of codePoints(text)) {
      let to = moves[state]?.get(codePoint);
      if (to === undefined) {
        to = moves.push(new Map()) - 1;
        moves[state]?.set(codePoint, to);
      }
      state = to;
    }
    accepting.add(state);
  }
  return {
    start: 0,
    sets: charsOfTexts(texts),
    cost: 1,
    next: (state, codePoint) => moves[state]?.get(codePoint) ?? DEAD,
    accepts: (state) => accepting.has(state),
    isFull: () => false,
  };
}

export function createPrefixDfa(prefix: string): Dfa {
  const chars = codePoints(prefix);
  const end = chars.length;
  return {
    start: 0,
    sets: charsOfTexts([prefix]),
    cost: 1,
    next: (state, codePoint) => (state === end ? end : chars[state] === codePoint ? state + 1 : DEAD),
    accepts: (state) => state === end,
    isFull: (state) => state === end,
  };
}

export function createSuffixDfa(suffix: string): Dfa {
  const { end, step } = createMatcher(suffix);
  return {
    start: 0,
    sets: charsOfTexts([suffix]),
    cost: 1,
    next: step,
    accepts: (state) => state === end,
    isFull: () => end === 0,
  };
}

export function createInfixDfa(infix: string): Dfa {
  const { end, step } = createMatcher(infix);
  return {
    start: 0,
    sets: charsOfTexts([infix]),
    cost: 1,
    next: (state, codePoint) => (state === end ? end : step(state, codePoint)),
    accepts: (state) => state === end,
    isFull: (state) => state === end,
  };
}

/** Knuth, Morris and Pratt: the state is how much of the word the text read so far ends with. */
function createMatcher(word: string): { end: number; step: (state: number, codePoint: number) => number } {
  const chars = codePoints(word);
  const fallback = [0];
  for (let at = 1, length = 0; at < chars.length; at++) {
    while (length > 0 && chars[at] !== chars[length]) length = fallback[length - 1] as number;
    if (chars[at] === chars[length]) length++;
    fallback[at] = length;
  }
  const step = (state: number, codePoint: number): number => {
    let length = state;
    while (length > 0 && chars[length] !== codePoint) length = fallback[length - 1] as number;
    return chars[length] === codePoint ? length + 1 : 0;
  };
  return { end: chars.length, step };
}

function codePoints(text: string): number[] {
  return Array.from(text, (char) => char.codePointAt(0) as number);
}

function charsOfTexts(texts: readonly string[]) {
  return [...new Set(texts.flatMap(codePoints))].map(singleChar);
}
