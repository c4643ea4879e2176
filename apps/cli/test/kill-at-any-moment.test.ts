import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { checkoutOfProject } from './support/checkout.js';
import { expectRecovery, withKillBench } from './support/kill-bench.js';

const KILLS = 15;
const LANES = 3;

/** How long an execution takes that nobody disturbs. */
async function measure(): Promise<number> {
  let took = 0;
  await withKillBench(async (bench) => {
    bench.release('agent');
    bench.release('check');
    const began = performance.now();
    expect((await bench.start().ended).exitCode).toBe(0);
    took = performance.now() - began;
  });
  return took;
}

/** Kills an execution so many milliseconds after its start, unless it has ended by then. */
async function killAfter(ms: number): Promise<void> {
  await withKillBench(async (bench) => {
    const checkout = checkoutOfProject(bench.project);
    bench.release('agent');
    bench.release('check');
    const started = bench.start();
    await Promise.race([pause(ms), started.ended]);
    started.kill('SIGKILL');
    await started.ended;
    await expectRecovery(bench, checkout);
  });
}

describe('an execution killed with SIGKILL at any moment', () => {
  it('loses nothing, leaves nothing and is done by the next one', async () => {
    const whole = await measure();
    // One moment in each of as many equal parts, so that none is left out by chance.
    const moments = Array.from({ length: KILLS }, (_, part) => ((part + Math.random()) / KILLS) * whole);
    const lane = async (first: number): Promise<void> => {
      for (let i = first; i < KILLS; i += LANES) {
        const ms = Math.round(moments[i] ?? 0);
        await killAfter(ms).catch((error: unknown) => {
          throw new Error(`Killed after ${ms} of ${Math.round(whole)} ms: ${String(error)}`, { cause: error });
        });
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: LANES }, (_, first) => lane(first)));
    for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
  }, 120_000);
});
