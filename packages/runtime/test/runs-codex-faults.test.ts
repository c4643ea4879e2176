import { describe, expect, it } from '@jest/globals';
import { codexConnector } from '@signalbox/connectors';
import { systemClock } from '@signalbox/kernel';
import { type FakeTurn, realCodex } from '@signalbox/testkit';
import { add, execute } from './support/bench.js';
import { exec, LONG_MS, scripted, withCodex } from './support/runs-agents.js';
import { AFTER, aftermathOf, expectAftermath, expectFaults, quotaUntil } from './support/runs-faults.js';
import {
  expectBreaker,
  expectEight,
  expectLifeAfterKill,
  expectNoFalseSuccess,
  expectStall,
} from './support/runs-scenes.js';

const edit = (path: string, text: string): FakeTurn =>
  exec(`mkdir -p ${path.split('/').slice(0, -1).join('/')} && printf %s '${text}' > ${path}`);

/** It needs user namespaces for its sandbox, which some containers forbid. */
async function whySkipped(): Promise<string | null> {
  const program = realCodex();
  if (program === null) return 'The real codex program is not installed (npm run agents:install)';
  const environment = { PATH: process.env['PATH'] ?? '' };
  const { problems } = await codexConnector.probe({ config: { program }, environment, clock: systemClock });
  const isShut = problems.some(({ message }) => message.includes('sandbox'));
  return isShut ? 'The sandbox of codex does not work here' : null;
}

const skipped = await whySkipped();

if (skipped !== null) {
  console.log(`${skipped}: the tests with the real codex are left out.`);
  describe('the whole system with the real codex', () => {
    it('is not tested here', () => expect(skipped).not.toBeNull());
  });
} else {
  describe('the whole system with the real codex', () => {
    it(
      'ends each fault of the provider in its class, and takes the next step that belongs to it',
      () => {
        const resetsAt = Math.floor(systemClock.now() / 1000) + 7_200;
        const limit = { error: { type: 'usage_limit_reached', plan_type: 'pro', resets_at: resetsAt } };
        return expectFaults(withCodex, edit, [
          [{ kind: 'body', status: 429, body: limit }, quotaUntil(7_000_000, 7_260_000)],
          [{ kind: 'status', status: 429, headers: { 'retry-after': '0' } }, AFTER.quota],
          [{ kind: 'overloaded' }, AFTER.transient],
          [{ kind: 'status', status: 529 }, AFTER.transient],
          [{ kind: 'status', status: 500 }, AFTER.transient],
          [{ kind: 'reset' }, AFTER.transient],
          [{ kind: 'reset_stream' }, AFTER.transient],
          [{ kind: 'end_stream' }, AFTER.transient],
          [{ kind: 'status', status: 400 }, AFTER.agentError],
          [{ kind: 'auth' }, AFTER.auth],
        ]);
      },
      LONG_MS,
    );

    it.each(['hang', 'hang_stream'] as const)(
      'gives it up when the provider says nothing (%s), to try again later',
      (kind) => expectStall(withCodex, { kind }),
      LONG_MS,
    );

    it('gives an AI no more work after three failures in a row', () => expectBreaker(withCodex), LONG_MS);

    it('takes no word for work', () => expectNoFalseSuccess(withCodex), LONG_MS);

    it(
      'gets over a fault that passes, and its edit lands',
      () =>
        withCodex({ faults: [{ turn: 1, fault: { kind: 'reset_stream' } }] }, async (project, agent) => {
          const box = await project.open();
          await agent.register(box);
          const description = scripted(edit('src/b.txt', 'good'), { text: 'Done.' });
          const task = await add(box, { description, checks: ['grep -rq good src'] });
          expectAftermath('reset', await aftermathOf(box, await execute(box, task)), AFTER.gotOver);
          expect(project.git('show', 'signalbox/integration:src/b.txt')).toBe('good');
          expect(project.git('log', '-1', '--format=%an', 'signalbox/integration')).toBe('codex');
        }),
      LONG_MS,
    );

    it(
      'lands nothing of an attempt that wrote outside of its locks, which nobody could ask about',
      () =>
        withCodex({}, async (project, agent) => {
          const box = await project.open();
          await agent.register(box);
          const turns = [edit('src/b.txt', 'good'), edit('docs/c.txt', 'more'), { text: 'Done.' }];
          const locks = [{ glob: 'src/**', mode: 'exclusive' as const }];
          const task = await add(box, { description: scripted(...turns), locks, checks: ['grep -rq good src'] });
          const execution = await execute(box, task);
          expectAftermath('outside', await aftermathOf(box, execution), AFTER.checks);
          expect(execution.verdict.reasons.map(({ code }) => code)).toContain('OUTSIDE_LOCKS');
          expect(project.git('show', `signalbox/${task.id}/1:docs/c.txt`)).toBe('more');
          expect(project.git('diff', '--name-only', 'main', 'signalbox/integration')).toBe('');
        }),
      LONG_MS,
    );

    it(
      'leaves nothing running when our own process is killed, and does the task again',
      () => expectLifeAfterKill(withCodex, edit('src/half.txt', 'half'), edit('src/whole.txt', 'whole')),
      LONG_MS,
    );

    it('finishes eight tasks on two lanes', () => expectEight(withCodex, edit), LONG_MS);
  });
}
