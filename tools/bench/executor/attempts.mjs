import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createProcessRunner } from '@signalbox/connectors';
import { systemClock } from '@signalbox/kernel';
import { plainEnvironment } from '../../lib/capture.mjs';
import { differenceFigure } from '../figures.mjs';
import { measurePairs, timed } from '../measure.mjs';
import { governedSteps } from './governed.mjs';

// Enough for a 99th percentile to be more than the worst of a few.
const ATTEMPTS_FOR_EACH_REP = 20;
const BOUND_P50_MS = 1;
const BOUND_P99_MS = 5;

/** What a governed attempt takes above the process that it is about: claim with locks, start, spawn, settle. */
export async function measureAttempts(reps, folder, box) {
  const steps = governedSteps(box);
  const runner = createProcessRunner({ clock: systemClock });
  const file = join(folder, 'attempt-output');
  const marker = () => ({ attempt: box.store.ids('att'), ai: 'bench' });
  const attempt = async (isOver) => {
    const { id } = await steps.create();
    let child;
    const took = await timed(async () => {
      const ref = await steps.claim(id);
      await steps.start(ref);
      const environment = plainEnvironment();
      const command = { argv: ['/bin/true'], cwd: folder, environment, marker: marker(), stdin: 'ignore' };
      child = await runner.spawn({ ...command, outputFile: file });
      await isOver(child);
      await steps.settle(ref);
    });
    await child.gone;
    return took;
  };
  const bare = () => timed(() => spawnBare(folder, file));
  const count = Math.max(20, reps * ATTEMPTS_FOR_EACH_REP);
  try {
    const ended = await measurePairs(count, bare, () => attempt((child) => child.exited));
    const swept = await measurePairs(count, bare, () => attempt((child) => child.gone));
    return [
      differenceFigure('governed attempt above a bare spawn, p50', ended, { bound: BOUND_P50_MS }),
      percentileFigure('governed attempt above a bare spawn, p99', ended, BOUND_P99_MS),
      differenceFigure('the same, settled when all processes are swept, p50', swept),
      percentileFigure('the same, settled when all processes are swept, p99', swept, null),
    ];
  } finally {
    await runner.close();
  }
}

async function spawnBare(cwd, file) {
  const output = openSync(file, 'a');
  try {
    const env = plainEnvironment();
    await once(spawn('/bin/true', [], { cwd, env, stdio: ['ignore', output, output], detached: true }), 'exit');
  } finally {
    closeSync(output);
  }
}

function percentileFigure(name, pairs, bound) {
  const sorted = pairs.toSorted((a, b) => a.subject - a.baseline - (b.subject - b.baseline));
  const pair = sorted[Math.ceil(sorted.length * 0.99) - 1];
  const { range } = differenceFigure(name, pairs);
  return { ...differenceFigure(name, [pair], { bound }), range };
}
