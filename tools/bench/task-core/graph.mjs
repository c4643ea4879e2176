import { join } from 'node:path';
import { timeFigure, timeRatioFigure } from '../figures.mjs';
import { measureAlone, measurePairs, timed, timedEachAsync } from '../measure.mjs';
import { fill, openQueue, plainSpec, record } from './queue.mjs';

const STEPS = 50;
const HUB = 100_000;
const CHAIN = 5_000;

export async function measureGraph(reps, folder, say) {
  say('building graphs of 100,000 tasks …');
  const small = await openLayers(folder, 1_000);
  const large = await openLayers(folder, 100_000);
  const steps = await measurePairs(reps, small.step, large.step);
  small.db.close();
  large.db.close();
  const longest = await measureHub(folder);
  const { allowed, refused } = await measureCycleCheck(reps, folder);
  return [
    timeRatioFigure('complete, unblock, claim in a graph of 100,000 against 1,000', steps, {
      measuredIn: 'µs',
      bound: 1.5,
    }),
    timeFigure('longest time that the writer is held at the end of a hub with 100,000 dependents', longest, {
      bound: 20,
    }),
    timeFigure('one more need on top of a chain of 5,000', allowed, { bound: 0.5 }),
    timeFigure('refusing a need that would close a chain of 5,000', refused),
  ];
}

/** Layers of ten, each task needing one of the layer before: there is always something ready, and most waits. */
async function openLayers(folder, count) {
  const queue = openQueue(join(folder, `layers-${count}.db`));
  await fill(queue, count, (n, ids) => (n < 10 ? plainSpec : { ...plainSpec, needs: [ids[n - 10]] }));
  queue.db.exec('PRAGMA synchronous = NORMAL');
  let held = await queue.begin();
  const step = async () => {
    const each = await timedEachAsync(STEPS, async () => {
      await queue.finish(held);
      held = await queue.begin();
    });
    // As many again as were used up, so that it stays as large.
    const ids = [];
    for (let n = 0; n < STEPS; n++) {
      const needs = n < 10 ? [held.task] : [ids[n - 10]];
      ids.push((await queue.store.create({ ...plainSpec, needs }, 'user:bench', record)).task.id);
    }
    return each;
  };
  return { db: queue.db, step };
}

async function measureHub(folder) {
  const times = [];
  for (let round = 0; round < 3; round++) {
    let longest = 0;
    let began = 0;
    const watch = (db) => ({
      ...db,
      prepare(sql) {
        const statement = db.prepare(sql);
        if (sql === 'BEGIN IMMEDIATE')
          return {
            run: () => {
              statement.run();
              began = performance.now();
            },
          };
        if (sql !== 'COMMIT') return statement;
        return {
          run: () => {
            statement.run();
            longest = Math.max(longest, performance.now() - began);
          },
        };
      },
    });
    const queue = openQueue(join(folder, `hub-${round}.db`), { watch });
    await fill(queue, HUB + 1, (n, ids) => (n === 0 ? plainSpec : { ...plainSpec, needs: [ids[0]] }));
    // A checkpoint runs after the writer has been let go.
    queue.db.exec('PRAGMA wal_autocheckpoint = 0');
    const hub = await queue.begin();
    longest = 0;
    await queue.finish(hub);
    times.push(longest);
    const { queued } = await queue.store.counts();
    if (queued !== HUB) throw new Error(`${queued} of ${HUB} dependents were told`);
    queue.db.close();
  }
  return times;
}

async function measureCycleCheck(reps, folder) {
  const queue = openQueue(join(folder, 'chain.db'));
  const chain = await fill(queue, CHAIN, (n, ids) => (n === 0 ? plainSpec : { ...plainSpec, needs: [ids[n - 1]] }));
  queue.db.exec('PRAGMA synchronous = OFF');
  const top = chain.at(-1);
  const allowed = await measureAlone(reps, async () => {
    const { task } = await queue.store.create(plainSpec, 'user:bench', record);
    return timed(() => queue.store.update(task.id, { addNeeds: [top] }, record));
  });
  const refused = await measureAlone(reps, () =>
    timed(async () => {
      const error = await queue.store.update(chain[0], { addNeeds: [top] }, record).catch((thrown) => thrown);
      if (error.code !== 'DEPENDENCY_CYCLE') throw new Error('the cycle was not seen');
    }),
  );
  queue.db.close();
  return { allowed, refused };
}
