import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { spentOn } from '../src/door/budget.js';
import { registerAI, type Signalbox } from '../src/index.js';
import { reportCost } from '../src/project/index.js';
import { add, execute, type Project, scriptedClaude, USER, withProject } from './support/bench.js';
import { killExecutor } from './support/kill.js';

/** A program in place of codex that says these lines, after one shell line of ours. */
async function codexThat(project: Project, box: Signalbox, shell: string, lines: object[]): Promise<void> {
  const program = join(project.place, 'codex');
  const said = lines.map((line) => `echo '${JSON.stringify(line)}'`);
  const probe = ['case "$1" in --version) echo "codex-cli 0.169.0"; exit 0;; login|sandbox) exit 0;; esac'];
  writeFileSync(program, ['#!/bin/sh', ...probe, 'cat > /dev/null', shell, ...said, ''].join('\n'));
  chmodSync(program, 0o755);
  project.environment['OPENAI_API_KEY'] = 'none';
  await registerAI(box.executor, USER, { id: 'codex', connector: 'codex', config: { program } });
}

const used = (tokens: object): object[] => [
  { type: 'thread.started', thread_id: '0199a213-81c0-7800-8aa1-bbab2a035a53' },
  { type: 'turn.started' },
  { type: 'item.completed', item: { id: 'item_0', type: 'agent_message', text: 'done' } },
  { type: 'turn.completed', usage: tokens },
];

describe('an agent that tells some of what it uses', () => {
  it.each([
    ['usd', { usd: 0.01 }, 'it does not tell what it costs'],
    ['turns', { turns: 3 }, 'it does not tell how many turns it takes'],
  ])('gets no task whose budget limits what it never tells: %s', (_what, budget, told) =>
    withProject({}, async (project) => {
      const box = await project.open();
      await codexThat(project, box, 'true', used({ input_tokens: 1, output_tokens: 1 }));
      await expect(execute(box, await add(box, { type: 'review', budget }))).rejects.toMatchObject({
        code: 'NO_CANDIDATE',
        message: expect.stringContaining(told),
      });
    }),
  );

  it('fails when what it tells at its end has passed the budget, and its change stays on its branch', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const lines = used({ input_tokens: 900, cached_input_tokens: 800, output_tokens: 101 });
      await codexThat(project, box, 'echo new > src/a.txt', lines);
      const task = await add(box, { checks: ['true'], budget: { tokens: 1_000 } });
      const { attempt, steps } = await execute(box, task);
      expect(attempt).toMatchObject({
        outcome: 'failed',
        failure: { class: 'agent_error', message: expect.stringContaining('1001 tokens of 1000 tokens') },
      });
      expect(steps.map(({ step }) => step)).not.toContain('check');
      const [kept] = await box.tasks.attempts(task.id);
      expect(project.git('show', `${kept?.data['commit']}:src/a.txt`)).toBe('new');
      expect(kept?.data['landed']).toBeUndefined();
    }));

  it('is judged as ever when it stays within it', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await scriptedClaude(project, box, [{ text: 'Fine.' }]);
      const { task } = await execute(box, await add(box, { type: 'review', budget: { usd: 0.01, turns: 1 } }));
      expect(task.status).toBe('done');
    }));

  it('counts with what was reserved once it has begun, and with nothing before that', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const dying = join(project.place, 'dying');
      writeFileSync(dying, '#!/bin/sh\ncase "$1" in --version) echo "2.1.197 (Claude Code)"; exit 0;; esac\nexit 3\n');
      chmodSync(dying, 0o755);
      await registerAI(box.executor, USER, { id: 'dead', connector: 'claude-code', config: { program: dying } });
      await scriptedClaude(project, box, [{ fault: 'stop' }], 'late');
      const task = await add(box, { type: 'review', budget: { usd: 1 } });
      expect((await execute(box, task, { ai: 'dead' })).attempt).toMatchObject({ outcome: 'failed', usage: {} });
      expect((await reportCost(box.tasks, { by: 'day' })).total).toMatchObject({ attempts: 1, untold: 0 });
      expect((await execute(box, task, { ai: 'late' })).attempt).toMatchObject({ outcome: 'failed', usage: {} });
      const began = (await box.tasks.attempts(task.id)).map(({ data }) => data['began']);
      expect(began).toEqual([undefined, true]);
      await expect(execute(box, task, { ai: 'late' })).rejects.toThrow('the budget of the task is used up');
      expect((await reportCost(box.tasks, { by: 'day' })).total).toMatchObject({ attempts: 2, untold: 1 });
    }));

  it('counts for policy with what was reserved when its executor died', () =>
    withProject({}, async (project) => {
      const rule = 'effect: allow, on: [task.execute], obligations: [ { budget: 2 USD } ], reason: Thrift';
      const policy = project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n  - { id: thrift, ${rule} }\n`);
      project.write('.ai/policy.yaml', policy);
      project.trust();
      const first = await project.open();
      const look = { name: 'Read', input: { file_path: '{{cwd}}/src/a.txt' } };
      await scriptedClaude(project, first, [{ tools: [look] }, { fault: 'hang' }]);
      const task = await add(first, { type: 'review' });
      await killExecutor(project, task, (step) => step === 'tool');
      const box = await project.open();
      expect((await box.tasks.attempts(task.id))[0]).toMatchObject({
        outcome: 'released',
        data: { reserved: { usd: 2 }, recovered: true },
      });
      expect(await spentOn(box.tasks, task.id)).toMatchObject({ usd: 2 });
      await expect(execute(box, task)).rejects.toThrow('allows 2 USD, and that is spent');
    }));
});
