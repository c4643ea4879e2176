import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Task } from '@signalbox/runtime/project';
import { nothingLeft, startBinary } from './support/binary.js';
import { checkoutOfProject } from './support/checkout.js';
import { expectRecovery, withKillBench } from './support/kill-bench.js';
import { shellAI, withProject } from './support/project.js';

const HELD = ['output', 'check'];

describe('Ctrl-C during an execution', () => {
  it.each(['claimed', 'setup', 'agent', ...HELD])(
    'at `%s` exits with 130, gives the task back and ends what runs',
    (step) =>
      withKillBench(async (bench) => {
        const { project, task } = bench;
        const checkout = checkoutOfProject(bench.project);
        if (step === 'check') bench.release('agent');
        const started = bench.start();
        await started.says(new RegExp(`^\\S+ ${step}\\b`, 'm'));
        started.interrupt();
        const { exitCode, stderr } = await started.ended;
        expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: expect.stringMatching(/^Interrupted/m) });
        // While the agent or a check runs no git does, which Ctrl-C would end too.
        if (HELD.includes(step)) expect(stderr).toContain(`Interrupted: ${task.id} is queued again`);
        await nothingLeft(project);
        const after = await project.ask<Task>('task', 'show', task.id);
        expect(after).toMatchObject({ status: 'queued', attempt: 0, lease: null });
        await expectRecovery(bench, checkout);
      }),
  );

  it('stops every lane of --all and says what was done', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo up; sleep 60', 'one');
      await shellAI(project, 'echo up; sleep 60', 'two');
      const { id } = await project.add('First');
      await project.add('Second');
      const started = startBinary(project, ['task', 'execute', '--all', '--concurrency', '2', '--verbose', '--json']);
      await started.says(/ output [\s\S]* output /);
      started.interrupt();
      const { exitCode, stdout } = await started.ended;
      expect(exitCode).toBe(130);
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.at(-1)).toMatchObject({ summary: { done: 0, failed: 0 } });
      await nothingLeft(project);
      expect((await project.ask<Task>('task', 'show', id)).status).toBe('queued');
    }));

  it('ends this process at once the second time; the supervisor ends the rest, and the next command gives the task back', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'trap "" INT TERM; echo up; sleep 60; sleep 60');
      const { id } = await project.add('Stubborn', '--check', 'true');
      const started = startBinary(project, ['task', 'execute', id, '--verbose']);
      await started.says(/ output /);
      started.interrupt();
      // Two signals that come together would count as one.
      await pause(200);
      started.interrupt();
      const { exitCode, stderr } = await started.ended;
      expect(exitCode).toBe(130);
      expect(stderr).not.toContain('Interrupted');
      await nothingLeft(project);
      await project.add('Another');
      expect(await project.ask('task', 'show', id)).toMatchObject({ status: 'queued', attempt: 0, lease: null });
    }));
});
