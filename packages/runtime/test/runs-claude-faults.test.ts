import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { findMarked } from '@signalbox/connectors';
import { systemClock } from '@signalbox/kernel';
import { realClaude } from '@signalbox/testkit';
import { add, execute } from './support/bench.js';
import { bash, LONG_MS, scripted, withClaude, write } from './support/runs-agents.js';
import { AFTER, aftermathOf, expectAftermath, expectFaults, quotaUntil } from './support/runs-faults.js';
import {
  expectBreaker,
  expectEight,
  expectLifeAfterKill,
  expectNoFalseSuccess,
  expectStall,
} from './support/runs-scenes.js';

if (realClaude() === null) {
  console.log('The real claude program is not installed (npm run agents:install): its tests are left out.');
  describe('the whole system with the real claude', () => {
    it('is not tested here', () => expect(realClaude()).toBeNull());
  });
} else {
  describe('the whole system with the real claude', () => {
    it(
      'ends each fault of the provider in its class, and takes the next step that belongs to it',
      () =>
        expectFaults(withClaude, write, [
          // claude does not say what a provider told it in this header; longer than a minute it does not wait.
          [{ kind: 'status', status: 429, headers: { 'retry-after': '120' } }, AFTER.quota],
          [{ kind: 'status', status: 429 }, AFTER.quota],
          [{ kind: 'overloaded' }, AFTER.transient],
          [{ kind: 'status', status: 500 }, AFTER.transient],
          [{ kind: 'reset' }, AFTER.transient],
          // Asked again without a stream, the fake answers.
          [{ kind: 'reset_stream' }, AFTER.gotOver],
          [{ kind: 'reset_tool' }, AFTER.transient],
          [{ kind: 'end_stream' }, AFTER.invalid],
          [{ kind: 'status', status: 400 }, AFTER.agentError],
          [{ kind: 'auth' }, AFTER.auth],
        ]),
      LONG_MS,
    );

    it(
      'gives no more work to an AI whose subscription is used up, until the provider accepts work again',
      () => {
        const resetsAt = Math.floor(systemClock.now() / 1000) + 3_600;
        const unified = { status: 'rejected', reset: String(resetsAt), 'representative-claim': 'five_hour' };
        const headers = Object.fromEntries(
          Object.entries(unified).map(([name, value]) => [`anthropic-ratelimit-unified-${name}`, value]),
        );
        const fault = { kind: 'status', status: 429, headers } as const;
        return withClaude({ faults: [{ times: 100, fault }] }, async (project, agent) => {
          // Only with such a log-in does claude tell of limits.
          delete project.environment['ANTHROPIC_API_KEY'];
          project.environment['CLAUDE_CODE_OAUTH_TOKEN'] = 'sk-ant-oat01-dummy';
          const box = await project.open();
          await agent.register(box);
          const task = await add(box, { description: scripted({ text: 'Done.' }), checks: ['true'] });
          const execution = await execute(box, task);
          expectAftermath('used up', await aftermathOf(box, execution), quotaUntil(3_500_000, 3_600_000));
          expect(Date.parse(execution.task.notBefore ?? '')).toBe(resetsAt * 1000);
        });
      },
      LONG_MS,
    );

    it.each(['hang', 'hang_stream'] as const)(
      'gives it up when the provider says nothing (%s), to try again later',
      (kind) => expectStall(withClaude, { kind }),
      LONG_MS,
    );

    it('gives an AI no more work after three failures in a row', () => expectBreaker(withClaude), LONG_MS);

    it('takes no word for work', () => expectNoFalseSuccess(withClaude), LONG_MS);

    it(
      'starts afresh after a fault in the middle of the work, with what was done by then kept',
      () =>
        withClaude({ faults: [{ turn: 1, times: 2, fault: { kind: 'overloaded' } }] }, async (project, agent) => {
          const box = await project.open();
          await agent.register(box);
          const description = scripted(write('src/b.txt', 'good\n'), { text: 'Done.' });
          const task = await add(box, { description, checks: ['grep -rq good src'] });
          const first = await execute(box, task);
          expectAftermath('overloaded', await aftermathOf(box, first), AFTER.transient);
          expect(project.git('show', `signalbox/${task.id}/1:src/b.txt`)).toBe('good');
          const second = await execute(box, task);
          expect(second).toMatchObject({ task: { status: 'done', attempt: 2 }, attempt: { outcome: 'succeeded' } });
          expect(project.git('show', 'signalbox/integration:src/b.txt')).toBe('good');
        }),
      LONG_MS,
    );

    it(
      'tries again when claude itself is killed',
      () =>
        withClaude({ faults: [{ turn: 0, fault: { kind: 'hang' } }] }, async (project, agent) => {
          const box = await project.open();
          await agent.register(box);
          const description = scripted(write('src/b.txt', 'good\n'), { text: 'Done.' });
          const task = await add(box, { description, checks: ['grep -rq good src'] });
          const asked = agent.asked(() => true);
          const running = execute(box, task);
          await asked;
          const [held] = await box.tasks.held();
          for (const pid of findMarked(held?.attempt?.id ?? '')) {
            if (commandOf(pid).includes('stream-json')) process.kill(pid, 'SIGKILL');
          }
          expectAftermath('killed', await aftermathOf(box, await running), AFTER.crashed);
          expect((await execute(box, task)).task).toMatchObject({ status: 'done', attempt: 2 });
        }),
      LONG_MS,
    );

    it(
      'refuses what policy denies and records that, with what came of it',
      () =>
        withClaude({}, async (project, agent) => {
          const box = await project.open();
          await agent.register(box);
          const turns = [
            write('.env', 'TOKEN=1\n'),
            bash('git push --force origin main'),
            write('src/b.txt', 'good\n'),
          ];
          const description = scripted(...turns, { text: 'Done.' });
          const task = await add(box, { description, checks: ['grep -rq good src'] });
          expect((await execute(box, task)).task.status).toBe('done');
          expect(project.git('diff', '--name-only', 'main', 'signalbox/integration')).toBe('src/b.txt');
          const decided = box.ledger.read({ kind: 'policy.decided' }).filter(({ actor }) => actor === 'ai:claude');
          const outcomes = box.ledger.read({ kind: 'policy.outcome' });
          const told = decided.map(({ data }) => {
            const outcome = outcomes.find((entry) => entry.data['decision'] === data['id']);
            const { action } = data['request'] as { action: { name: string } };
            return [data['decision'], action.name, outcome?.data['enforced'], outcome?.data['agrees']];
          });
          expect(told).toEqual([
            ['deny', 'file.write', true, true],
            ['deny', 'shell.run', true, true],
            ['allow', 'file.write', true, true],
            ['allow', 'shell.run', true, true],
          ]);
          const refusals = agent.requests.flatMap(({ toolResult }) =>
            toolResult?.startsWith('[error]') ? toolResult : [],
          );
          expect(new Set(refusals).size).toBe(2);
        }),
      LONG_MS,
    );

    it(
      'leaves nothing running when our own process is killed, and does the task again',
      () => expectLifeAfterKill(withClaude, write('src/half.txt', 'half'), write('src/whole.txt', 'whole')),
      LONG_MS,
    );

    it('finishes eight tasks on two lanes', () => expectEight(withClaude, write), LONG_MS);
  });
}

function commandOf(pid: number): string {
  return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
}
