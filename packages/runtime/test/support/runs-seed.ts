/** Numbers that look random and are the same for the same seed: mulberry32, from 0 to below 1. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Dice {
  seed: number;
  /** From 0 to below `end`. */
  below(end: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** So many different ones, in no order. */
  some<T>(items: readonly T[], count: number): T[];
}

export function createDice(seed: number): Dice {
  const random = createRandom(seed);
  const below = (end: number): number => Math.floor(random() * end);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  };
  return {
    ...{ seed, below, pick },
    chance: (probability) => random() < probability,
    some(items, count) {
      const left = [...items];
      return Array.from({ length: Math.min(count, left.length) }, () => left.splice(below(left.length), 1)).flat();
    },
  };
}

/** Runs a test whose choices follow from a seed: `SIGNALBOX_SEED`, else 1. A failure names it. */
export async function withSeed(test: (dice: Dice) => Promise<void>): Promise<void> {
  const seed = Number(process.env['SIGNALBOX_SEED'] ?? 1);
  try {
    await test(createDice(seed));
  } catch (error) {
    throw new Error(`With SIGNALBOX_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** How many runs a long test makes: `SIGNALBOX_RUNS`, else as many as are given. */
export function countRuns(usual: number): number {
  return Number(process.env['SIGNALBOX_RUNS'] ?? usual);
}
