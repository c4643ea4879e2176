import type { CommandPattern } from '../file/command-pattern.js';

const MAX_EXPANDED = 200;

/** Every exact list of words that a pattern begins with; `null` if they are too many. */
export function expandPattern({ tokens }: CommandPattern): string[][] | null {
  let lists: string[][] = [[]];
  for (const words of tokens) {
    if (lists.length * words.length > MAX_EXPANDED) return null;
    lists = lists.flatMap((list) => words.map((word) => [...list, word]));
  }
  return lists;
}
