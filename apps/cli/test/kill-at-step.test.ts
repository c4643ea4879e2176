import { describe, expect, it } from '@jest/globals';
import { checkoutOfProject } from './support/checkout.js';
import { expectRecovery, withKillBench } from './support/kill-bench.js';

// `output`: the agent has started a process that left its session, has edited, and has not ended.
const STEPS = ['claimed', 'routed', 'workspace', 'setup', 'agent', 'output', 'check'];

describe('an execution killed with SIGKILL', () => {
  it.each(STEPS)('when it says `%s` loses nothing, leaves nothing and is done by the next one', (step) =>
    withKillBench(async (bench) => {
      const checkout = checkoutOfProject(bench.project);
      if (step === 'check') bench.release('agent');
      const started = bench.start();
      await started.says(new RegExp(`^\\S+ ${step}\\b`, 'm'));
      started.kill('SIGKILL');
      expect((await started.ended).exitCode).toBe(-1);
      await expectRecovery(bench, checkout);
    }),
  );
});
