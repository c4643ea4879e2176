import { createRandom } from '@signalbox/testkit';

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
  const { next, below, pick } = createRandom(seed);
  return {
    ...{ seed, below, pick },
    chance: (probability) => next() < probability,
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
