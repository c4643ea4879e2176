import { join } from 'node:path';
import { parseTaskSpec } from '@signalbox/task-core/spec';
import { differenceFigure, timeFigure, timeRatioFigure } from '../figures.mjs';
import { measureAlone, measurePairs, timedEachAsync } from '../measure.mjs';
import { quickly } from '../quickly.mjs';
import { fill, openQueue, record, TTL } from './queue.mjs';

const CHECKS = 200;

/**
 * A claim that a held lock refuses writes nothing, so its time is that of the check and of an empty transaction. The time of the
 * latter is that of a claim which the state of its task refuses.
 */
export async function measureLocks(reps, folder, say) {
  const few = await openHeld(folder, 10);
  say('holding 100,000 locks …');
  const many = await openHeld(folder, 100_000);
  const some = await openHeld(folder, 10_000);
  const ratio = await measurePairs(reps, few.refusedByLock, many.refusedByLock);
  const check = await measurePairs(reps, many.refusedByState, many.refusedByLock);
  const noPrefix = await measureAlone(reps, some.refusedWithoutPrefix);
  const noEnds = await measureAlone(reps, some.refusedWithoutEnds);
  for (const { db } of [few, many, some]) db.close();
  return [
    timeRatioFigure('refused claim, 100,000 held locks against 10', ratio, { measuredIn: 'µs', bound: 1.2 }),
    microseconds(differenceFigure('lock check, 100,000 held locks', check, { bound: 0.02 })),
    timeFigure('refused claim of **/*.md, 10,000 held locks', noPrefix, { bound: 1 }),
    timeFigure('refused claim of **/[xyz]*, 10,000 held locks', noEnds),
  ];
}

function microseconds(figure) {
  const scale = (value) => Number((value * 1000).toPrecision(4));
  const range = figure.range.map(scale);
  return { ...figure, value: scale(figure.value), unit: 'µs', bound: figure.bound * 1000, range };
}

async function openHeld(folder, count) {
  const queue = openQueue(join(folder, `locks-${count}.db`));
  const spec = (...globs) => parseTaskSpec({ title: 'Task', locks: globs.map((glob) => ({ glob })) });
  const [holder, locked, noPrefix, noEnds, done] = await fill(queue, 5, (n) =>
    [
      spec('mod7/src/**', 'docs/read.md', 'x1'),
      spec('mod7/src/api/*.ts'),
      spec('**/*.md'),
      spec('**/[xyz]*'),
      spec(),
    ].at(n),
  );
  await queue.claim({ task: holder });
  await queue.store.cancel(done, record);
  await quickly(queue.db, async () => {
    queue.db.exec(`
      WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ${count})
      INSERT INTO path_lock (task, glob, mode, prefix, suffix)
      SELECT 'tsk_held' || n, 'held' || n || '/src/*.ts', 'exclusive', 'held' || n || '/src/', 'st.' FROM counter`);
  });
  const refused = (task, status) => () =>
    timedEachAsync(CHECKS, async () => {
      const outcome = await queue.store.claim({ task, holder: 'bench', ttlMs: TTL }, record);
      if (outcome.status !== status) throw new Error(`the claim came out as ${outcome.status}`);
    });
  return {
    db: queue.db,
    refusedByLock: refused(locked, 'locked'),
    refusedByState: refused(done, 'finished'),
    refusedWithoutPrefix: refused(noPrefix, 'locked'),
    refusedWithoutEnds: refused(noEnds, 'locked'),
  };
}
