import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '@signalbox/testkit';
import { add, execute, shellAI, withProject } from './support/bench.js';

describe('a budget of time', () => {
  it.each([
    ['set-up', 'setup', 'setup: [exec sleep 600]', 'true', 'true'],
    ['the agent', 'output', 'setup: []', 'echo here; exec sleep 600', 'true'],
    ['checks', 'check', 'setup: []', 'echo x > src/a.txt', 'exec sleep 600'],
  ])('ends an attempt from its start on, also in %s', (_name, at, workspace, shell, check) =>
    withProject({}, async (project) => {
      const budgets = 'budgets: { attempt: { time: 5s } }';
      project.write('.ai/config.yaml', `version: 1\nbase: main\nworkspace: { ${workspace} }\n${budgets}\n`);
      project.trust();
      const clock = createFakeClock();
      const box = await project.open({ clock });
      await shellAI(box, shell);
      const { attempt, task } = await execute(box, await add(box, { checks: [check] }), {
        on: ({ step }) => {
          if (step === at) clock.advance(5_000);
        },
      });
      const message = 'The budget of the attempt was used up: it may take 5 seconds.';
      expect(attempt).toMatchObject({ outcome: 'failed', failure: { class: 'timeout', message } });
      expect(task.status).toBe('queued');
    }),
  );

  it('counts what went by before the agent began', () =>
    withProject({}, async (project) => {
      const budgets = 'budgets: { attempt: { time: 5s } }';
      project.write('.ai/config.yaml', `version: 1\nbase: main\n${budgets}\n`);
      project.trust();
      const clock = createFakeClock();
      const box = await project.open({ clock });
      await shellAI(box, 'true');
      const { attempt } = await execute(box, await add(box, { type: 'review' }), {
        on: ({ step }) => {
          if (step === 'workspace') clock.advance(4_000);
          if (step === 'agent') clock.advance(1_000);
        },
      });
      expect(attempt.failure?.class).toBe('timeout');
    }));

  it('that is longer than a timer can hold ends nothing', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo fine');
      const line = await add(box, { type: 'command', run: { argv: ['true'] }, budget: { timeMs: 2 ** 31 } });
      expect((await execute(box, line)).task.status).toBe('done');
    }));
});
