import { describe, expect, it } from '@jest/globals';
import { readStatus, registerAI, type Signalbox } from '../src/index.js';
import { openQuestions } from '../src/project/index.js';
import { addRules, answer, questions } from './support/approvals.js';
import { add, execute, type Project, shellAI, USER, withProject } from './support/bench.js';

const statusOf = (project: Project, box: Signalbox, budgets = {}) =>
  readStatus(box.store, 'main', project.environment, budgets);
const pause = (box: Signalbox, id: string) => box.store.ais.pause(id, { reason: 'rest', until: null }, () => []);

describe('the status of queued tasks', () => {
  it('says which no AI can take, by why, and nothing of those that one could', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const lonely = await add(box);
      expect((await statusOf(project, box)).unroutable).toEqual([
        { reason: 'no AI is registered', tasks: [lonely.id] },
      ]);
      await shellAI(box, 'true', 'sh');
      await shellAI(box, 'true', 'slow');
      await pause(box, 'slow');
      const ghosts = [await add(box, { ai: 'ghost' }), await add(box, { ai: 'ghost' })];
      const slow = await add(box, { ai: 'slow' });
      const able = await add(box, { capabilities: ['fly'] });
      expect((await statusOf(project, box)).unroutable).toEqual([
        { reason: 'pinned to ghost, which is not registered', tasks: ghosts.map(({ id }) => id) },
        { reason: 'pinned to slow: it is paused: rest', tasks: [slow.id] },
        { reason: 'sh, slow: it lacks fly', tasks: [able.id] },
      ]);
      await pause(box, 'sh');
      const { unroutable } = await statusOf(project, box);
      expect(unroutable).toContainEqual({ reason: 'sh, slow: it is paused: rest', tasks: [lonely.id] });
    }));

  it('says that a budget is used up', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'true');
      const { id } = await add(box, { type: 'command', maxAttempts: 1, run: { shell: 'exit 1' } });
      await execute(box, id);
      await box.tasks.requeue(id, () => []);
      const [ofTask] = (await statusOf(project, box, { task: { timeMs: 1 } })).unroutable;
      expect(ofTask).toEqual({ reason: expect.stringContaining('sh: the budget of the task is used up'), tasks: [id] });
      const other = await add(box);
      const { unroutable } = await statusOf(project, box, { day: { timeMs: 1 } });
      const reason = expect.stringContaining('sh: the budget of the project for today is used up');
      expect(unroutable).toContainEqual({ reason, tasks: [id, other.id] });
    }));
});

describe('the status of the policy', () => {
  it('names the fault of a file that is not valid, by which all is denied', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      expect((await statusOf(project, box)).policyProblems).toEqual([]);
      await shellAI(box, 'true');
      project.write('.ai/policy/sh.yaml', 'version: 1\nscope: ai\nrules: [{ id: x, effect: dney }]\n');
      expect((await statusOf(project, box)).policyProblems).toMatchObject([{ file: '.ai/policy/sh.yaml', line: 3 }]);
      project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('effect: deny', 'effect: dney'));
      const { policyProblems } = await statusOf(project, box);
      expect(policyProblems).toMatchObject([
        { file: '.ai/policy.yaml', line: expect.any(Number), message: expect.stringContaining('dney') },
      ]);
    }));
});

describe('a question of a task that has ended', () => {
  it('waits for nobody and is answered by nobody, and stays in the records as it was', () =>
    withProject({}, async (project) => {
      addRules(project, '  - { id: x, effect: ask, on: [shell.run], command: { argv: [make] } }\n');
      const box = await project.open();
      await shellAI(box, 'true');
      const { id } = await add(box, { run: { shell: 'make' }, type: 'command' });
      await execute(box, id);
      expect((await statusOf(project, box)).approvals).toHaveLength(1);
      expect(await openQuestions(box.store, { task: id })).toHaveLength(1);
      await box.tasks.cancel(id, () => []);
      expect((await statusOf(project, box)).approvals).toEqual([]);
      expect(await openQuestions(box.store)).toEqual([]);
      await expect(answer(box)).rejects.toMatchObject({
        code: 'FINISHED',
        message: expect.stringContaining(`was asked for ${id}, which is cancelled`),
      });
      expect(await questions(box)).toMatchObject([{ state: 'waiting', answer: null }]);
    }));
});

describe('an AI whose program is not there', () => {
  it('is offline as soon as it is registered', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const config = { argv: ['no-such-program'] };
      const { ai, problems } = await registerAI(box.executor, USER, { id: 'gone', connector: 'command', config });
      expect([ai.status, problems.length]).toEqual(['offline', 1]);
      expect((await statusOf(project, box)).ais).toMatchObject([{ id: 'gone', status: 'offline' }]);
    }));
});
