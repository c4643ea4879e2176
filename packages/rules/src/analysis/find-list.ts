import type { ArgvPattern } from './argv-pattern.js';
import type { Budget } from './budget.js';

/** What is asked of a list of words. */
export interface ListDemands {
  readonly matching: readonly ArgvPattern[];
  readonly notMatching: readonly ArgvPattern[];
  readonly holding: readonly string[];
  readonly notHolding: readonly string[];
}

/**
 * A shortest list that meets every demand, or `null` if there is none. Only the words that the demands name can be told
 * apart, so one more word stands for all others; and beyond the longest pattern and the words to hold, one more position is
 * enough to differ from every pattern in length.
 */
export function findList(demands: ListDemands, budget: Budget): string[] | null {
  const { matching, notMatching, holding, notHolding } = demands;
  if (holding.some((word) => notHolding.includes(word))) return null;
  const lengths = [...matching, ...notMatching].map(({ tokens }) => tokens.length);
  const longest = Math.max(0, ...lengths) + holding.length + 1;
  const other = freshWord(demands);
  for (let length = 0; length <= longest; length++) {
    if (!matching.every((pattern) => fitsLength(pattern, length))) continue;
    const open = notMatching.filter((pattern) => fitsLength(pattern, length));
    const words = fill({ demands, length, other, budget, failed: new Set() }, 0, open, holding);
    if (words) return words;
  }
  return null;
}

interface Search {
  readonly demands: ListDemands;
  readonly length: number;
  readonly other: string;
  readonly budget: Budget;
  /** Positions from which these open patterns and missing words were tried in vain. */
  readonly failed: Set<string>;
}

/** `open`: patterns not to match that the words so far do match; `missing`: words still to come. */
function fill(search: Search, at: number, open: readonly ArgvPattern[], missing: readonly string[]): string[] | null {
  const { length, budget, demands, failed } = search;
  if (missing.length > length - at) return null;
  if (at === length) return open.length === 0 && missing.length === 0 ? [] : null;
  const key = `${at} ${open.map((pattern) => demands.notMatching.indexOf(pattern)).join(',')} ${missing.join('\u0000')}`;
  if (failed.has(key)) return null;
  for (const word of wordsAt(search, at, open, missing)) {
    budget.spend(1 + open.length);
    const stillOpen = open.filter(({ tokens }) => tokens[at]?.includes(word) ?? true);
    const stillMissing = missing.filter((each) => each !== word);
    const rest = fill(search, at + 1, stillOpen, stillMissing);
    if (rest) return [word, ...rest];
  }
  failed.add(key);
  return null;
}

/** The words worth trying at a position; the others are like one of these. */
function wordsAt(
  { demands, other }: Search,
  at: number,
  open: readonly ArgvPattern[],
  missing: readonly string[],
): string[] {
  const required = demands.matching.flatMap(({ tokens }) => (tokens[at] ? [tokens[at]] : []));
  const [first] = required;
  const named = open.flatMap(({ tokens }) => tokens[at] ?? []);
  const candidates = new Set(first ?? [other, ...missing, ...named]);
  return [...candidates].filter(
    (word) => required.every((token) => token.includes(word)) && !demands.notHolding.includes(word),
  );
}

function fitsLength({ tokens, rest }: ArgvPattern, length: number): boolean {
  return rest ? length >= tokens.length : length === tokens.length;
}

function freshWord({ matching, notMatching, holding, notHolding }: ListDemands): string {
  const taken = new Set([...holding, ...notHolding]);
  for (const { tokens } of [...matching, ...notMatching]) for (const word of tokens.flat()) taken.add(word);
  let word = 'other';
  for (let at = 2; taken.has(word); at++) word = `other${at}`;
  return word;
}
