import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from '@signalbox/kernel';
import fc from 'fast-check';
import { drain } from './support/simulation/drain.js';
import { schedules } from './support/simulation/steps.js';
import { openFileWorld, openMemoryWorld, openSqliteWorld } from './support/simulation/stores.js';
import { createWorld, type Opened } from './support/simulation/world.js';

/** Runs random schedules against the model; a failing one is made as short as it can be. */
async function check(runs: number, seed: number, open: () => Opened | Promise<Opened>): Promise<void> {
  const property = fc.asyncProperty(schedules, async (steps) => {
    const opened = await open();
    const world = createWorld(opened);
    try {
      for (const step of steps) await world.apply(step);
      await drain(world);
    } finally {
      await opened.close();
    }
  });
  await fc.assert(property, { numRuns: runs, seed, endOnFailure: false });
}

/** The members of an object come in whatever order a store keeps them. */
const textOf = (value: unknown): string => canonicalJson({ value });

describe('any schedule of claims, crashes and settlements', () => {
  it('keeps to the model in memory, 1,200 times', () => check(1_200, 20_260, openMemoryWorld));

  it('keeps to the model on SQLite, 200 times', () => check(200, 20_261, openSqliteWorld));

  it('keeps to the model in a file, also when it is compacted and opened again, 100 times', () =>
    check(100, 20_262, openFileWorld));

  it('looks the same in memory and on SQLite, 150 times', async () => {
    const property = fc.asyncProperty(schedules, async (steps) => {
      const [one, other] = [openMemoryWorld(), openSqliteWorld()];
      const [memory, sqlite] = [createWorld(one), createWorld(other)];
      try {
        for (const step of steps) {
          const outcomes = [await memory.apply(step), await sqlite.apply(step)];
          expect(textOf(outcomes[0])).toBe(textOf(outcomes[1]));
          expect(textOf(await memory.look())).toBe(textOf(await sqlite.look()));
          const ready = [memory, sqlite].map(async ({ store }) => (await store.list({ ready: true })).tasks);
          const [first, second] = await Promise.all(ready);
          expect(first?.map(({ id }) => id)).toEqual(second?.map(({ id }) => id));
        }
      } finally {
        other.close();
      }
    });
    await fc.assert(property, { numRuns: 150, seed: 20_263 });
  });
});
