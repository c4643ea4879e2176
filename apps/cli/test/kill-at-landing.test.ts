import { chmodSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { checkoutOfProject } from './support/checkout.js';
import { expectRecovery, type KillBench, withKillBench } from './support/kill-bench.js';

/**
 * Makes git kill the process that started it when the integration branch is about to move, or has moved, for a landing. A
 * branch that is only being created is none.
 */
function killAtLanding({ project }: KillBench, state: 'prepared' | 'committed', exit: 0 | 1): void {
  const hook = `#!/bin/sh
while read -r old new ref; do
  test "$1" = ${state} || continue
  test "$ref" = refs/heads/signalbox/integration || continue
  case "$old" in *[1-9a-f]*) ;; *) continue ;; esac
  test -e "$HOME/killed" && continue
  touch "$HOME/killed"
  kill -9 "$(ps -o ppid= -p $PPID | tr -d ' ')"
  exit ${exit}
done
`;
  project.write('.git/hooks/reference-transaction', hook);
  chmodSync(`${project.root}/.git/hooks/reference-transaction`, 0o755);
}

const MOMENTS = [
  { moment: 'right before the branch moves, which then does not', state: 'prepared', exit: 1, landed: false },
  // Nobody waits for that git any more: the next command may come before it has moved the branch, or after.
  { moment: 'right before the branch moves, which then does', state: 'prepared', exit: 0, landed: null },
  { moment: 'right after the branch has moved', state: 'committed', exit: 0, landed: true },
] as const;

describe('an execution killed with SIGKILL while it lands', () => {
  it.each(MOMENTS)('$moment, has its change landed once', ({ state, exit, landed }) =>
    withKillBench(async (bench) => {
      const { project, task } = bench;
      const checkout = checkoutOfProject(bench.project);
      bench.release('agent');
      bench.release('check');
      killAtLanding(bench, state, exit);
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
