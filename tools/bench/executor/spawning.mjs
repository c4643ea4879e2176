import { fork } from 'node:child_process';
import { once } from 'node:events';
import { plainEnvironment } from '../../lib/capture.mjs';
import { timeFigure, timeRatioFigure } from '../figures.mjs';
import { measureAlone, measurePairs } from '../measure.mjs';

const program = new URL('./parent.mjs', import.meta.url);
// Node with our libraries is some 60 MB by itself.
const LARGE_MB = 960;
const EACH = 10;
// Longer than the helper takes to be up.
const WARM_UPS = 40;

/** From a spawn to the child's end, in a parent as small as Node is and in one of 1 GB. */
export async function measureSpawning(reps, say) {
  const parents = [await startParent(0), await startParent(LARGE_MB)];
  const [small, large] = parents;
  try {
    for (const parent of parents) for (let n = 0; n < WARM_UPS; n++) await parent.measure('runner', 'time');
    say(`parents of ${small.megabytes()} and ${large.megabytes()} MB …`);
    const take =
      (parent, how, what = 'time') =>
      () =>
        mean(EACH, () => parent.measure(how, what));
    const runner = await measurePairs(reps, take(small, 'runner'), take(large, 'runner'));
    const bare = await measurePairs(reps, take(small, 'bare'), take(large, 'bare'));
    const overhead = await measurePairs(reps, take(small, 'bare'), take(small, 'runner'));
    const blocked = await measureAlone(reps, take(large, 'runner', 'blocked'));
    const blockedBare = await measureAlone(reps, take(large, 'bare', 'blocked'));
    return [
      timeRatioFigure('spawn to exit by the runner, parent of 1 GB against a small one', runner, { bound: 1.2 }),
      timeRatioFigure('the same by a bare spawn', bare),
      timeRatioFigure('spawn to exit, small parent, the runner against a bare spawn', overhead),
      timeFigure('longest block of the event loop by a spawn of the runner, 1 GB', blocked),
      timeFigure('the same by a bare spawn', blockedBare),
    ];
  } finally {
    for (const parent of parents) parent.end();
  }
}

async function mean(count, measure) {
  let sum = 0;
  for (let n = 0; n < count; n++) sum += await measure();
  return sum / count;
}

async function startParent(ballast) {
  const child = fork(program, [String(ballast)], { env: plainEnvironment() });
  await once(child, 'message');
  let rss = 0;
  return {
    async measure(how, what) {
      child.send({ how, what });
      const [answer] = await once(child, 'message');
      rss = answer.rss;
      return answer.value;
    },
    megabytes: () => Math.round(rss / 2 ** 20),
    end: () => child.disconnect(),
  };
}
