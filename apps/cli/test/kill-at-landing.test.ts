import { describe, expect, it } from '@jest/globals';
import { checkoutOfProject } from './support/checkout.js';
import { killAtLanding } from './support/git-shim.js';
import { expectRecovery, withKillBench } from './support/kill-bench.js';

const MOMENTS = [
  { moment: 'right before the branch moves, which then does not', when: 'before, moving nothing', landed: false },
  // Nobody waits for that git any more: the next command may come before it has moved the branch, or after.
  { moment: 'right before the branch moves, which then does', when: 'before', landed: null },
  { moment: 'right after the branch has moved', when: 'after', landed: true },
] as const;

describe('an execution killed with SIGKILL while it lands', () => {
  it.each(MOMENTS)('$moment, has its change landed once', ({ when, landed }) =>
    withKillBench(async (bench) => {
      const { project, task } = bench;
      const checkout = checkoutOfProject(bench.project);
      bench.release('agent');
      bench.release('check');
      killAtLanding(project, when);
      expect(await bench.start().ended).toMatchObject({ exitCode: -1 });
      const tip = project.git(
        'log',
        '-1',
        '--format=%(trailers:key=Signalbox-Task,valueonly)',
        'signalbox/integration',
      );
      if (landed !== null) expect(tip.trim()).toBe(landed ? task.id : '');
      await expectRecovery(bench, checkout);
    }),
  );
});
