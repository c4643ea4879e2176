import { type CharSet, hasChar } from '../../glob/char-set.js';

// Every Unicode scalar value: text without halves of surrogate pairs.
const SCALARS: CharSet = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

// What a person would write, so that witnesses can be read.
const FRIENDLY = [...'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./'].map(
  (char) => char.codePointAt(0) as number,
);

/** One character for each class that the sets can tell apart, the friendliest of its class, friendly ones first. */
export function chooseAlphabet(sets: readonly CharSet[]): number[] {
  const distinct = [...new Map(sets.map((set) => [set.join(';'), set])).values()];
  const cuts = new Set<number>();
  for (const [low, high] of [...SCALARS, ...distinct.flat()]) {
    cuts.add(low);
    cuts.add(high + 1);
  }
  const candidates = [...FRIENDLY, ...printableFirst([...cuts])].filter((each) => hasChar(SCALARS, each));
  const chosen = new Map<string, number>();
  for (const codePoint of candidates) {
    const signature = distinct.map((set) => (hasChar(set, codePoint) ? '1' : '0')).join('');
    if (!chosen.has(signature)) chosen.set(signature, codePoint);
  }
  return [...chosen.values()];
}

function printableFirst(codePoints: readonly number[]): number[] {
  const isPrintable = (codePoint: number): boolean => codePoint > 0x20 && codePoint < 0x7f;
  return [...codePoints.filter(isPrintable), ...codePoints.filter((each) => !isPrintable(each))];
}
