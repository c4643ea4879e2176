/** Disjoint inclusive ranges of code points in ascending order. */
export type CharSet = readonly (readonly [low: number, high: number])[];

export const SLASH = 0x2f;

// The characters of a path: every Unicode scalar value but NUL, that is without the surrogates.
const SCALARS: CharSet = [
  [0x1, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** Every character a segment may hold. */
export const SEGMENT_CHARS: CharSet = subtract(SCALARS, [[SLASH, SLASH]]);

/** Every character a path may hold, the separator included. */
export const PATH_CHARS: CharSet = SCALARS;

export const SLASH_ONLY: CharSet = [[SLASH, SLASH]];

export function singleChar(codePoint: number): CharSet {
  return [[codePoint, codePoint]];
}

export function hasChar(set: CharSet, codePoint: number): boolean {
  for (const [low, high] of set) {
    if (codePoint < low) return false;
    if (codePoint <= high) return true;
  }
  return false;
}

/** Sorts and merges ranges given in any order. */
export function unite(ranges: CharSet): CharSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [low, high] of sorted) {
    const last = merged.at(-1);
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  return merged;
}

export function intersect(a: CharSet, b: CharSet): CharSet {
  const common: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [aLow, aHigh] = a[i] as readonly [number, number];
    const [bLow, bHigh] = b[j] as readonly [number, number];
    const low = Math.max(aLow, bLow);
    const high = Math.min(aHigh, bHigh);
    if (low <= high) common.push([low, high]);
    if (aHigh < bHigh) i++;
    else j++;
  }
  return common;
}

/** The characters of `from` that are not in `removed`; both sorted and disjoint. */
export function subtract(from: CharSet, removed: CharSet): CharSet {
  const rest: [number, number][] = [];
  for (const [low, high] of from) {
    let start = low;
    for (const [cutLow, cutHigh] of removed) {
      if (cutHigh < start || cutLow > high) continue;
      if (cutLow > start) rest.push([start, cutLow - 1]);
      start = cutHigh + 1;
    }
    if (start <= high) rest.push([start, high]);
  }
  return rest;
}
