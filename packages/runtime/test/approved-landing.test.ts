import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { removeEvidence, updateTask } from '../src/index.js';
import { ANA, ASK_LANDING, addRules, answer } from './support/approvals.js';
import { add, execute, type Project, shellAI, withProject } from './support/bench.js';

describe('a change that a person must approve before it lands', () => {
  it('lands as it was approved, without the work being done again, also on top of what landed meanwhile', () =>
    withProject({}, async (project) => {
      addRules(project, ASK_LANDING);
      const box = await project.open();
      await shellAI(box, `echo run >> ${project.place}/runs; echo b > src/b.txt`);
      const { id } = await add(box, { checks: ['grep -rq . src'] });
      await execute(box, id);
      // Something else lands meanwhile, so the approved commit is merged and checked again.
      const other = await add(box, { run: { shell: 'echo c > src/c.txt' }, checks: ['grep -rq . src'] });
      expect((await execute(box, other)).task.status).toBe('done');
      await answer(box);
      const { task } = await execute(box, id);
      expect(task.status).toBe('done');
      const landed = project.git('ls-tree', '-r', '--name-only', 'signalbox/integration').split('\n');
      expect(landed).toEqual(['README.md', 'src/a.txt', 'src/b.txt', 'src/c.txt']);
      const runs = readFileSync(join(project.place, 'runs'), 'utf8');
      expect(runs).toBe('run\n');
    }));

  it('is done again after a no, with the reason before the agent', () =>
    withProject({}, async (project) => {
      addRules(project, ASK_LANDING);
      const box = await project.open();
      await shellAI(box, `cat > ${project.place}/prompt; date +%N > src/b.txt`);
      const { id } = await add(box, { checks: ['grep -rq . src'] });
      await execute(box, id);
      await answer(box, { effect: 'reject', reason: 'name it better' });
      const { task } = await execute(box, id);
      expect(task.blockedBy).toMatchObject([{ kind: 'approval' }]);
      const prompt = readFileSync(join(project.place, 'prompt'), 'utf8');
      expect(prompt).toContain('name it better');
    }));
});

describe('an approved landing', () => {
  const approved = async (project: Project, more: Parameters<typeof add>[1] = {}) => {
    addRules(project, ASK_LANDING);
    const box = await project.open();
    await shellAI(box, `echo run >> ${project.place}/runs; echo b > src/b.txt`);
    const { id } = await add(box, { checks: ['grep -rq . src'], ...more });
    await execute(box, id);
    await answer(box, { scope: 'task' });
    return { box, id };
  };
  const runs = (project: Project) => readFileSync(join(project.place, 'runs'), 'utf8').split('\n').length - 1;

  it('is of the task as it was: a changed task is worked on again', () =>
    withProject({}, async (project) => {
      const { box, id } = await approved(project);
      await updateTask({ tasks: box.tasks, door: box.door, actor: ANA }, id, { checks: ['false'] });
      const { task } = await execute(box, id);
      expect(task).toMatchObject({ status: 'queued', failure: { class: 'checks_failed' } });
      expect(runs(project)).toBe(2);
    }));

  it.each([
    ['completion is denied', '  - { id: x, effect: deny, on: [task.complete] }\n', 'complete'],
    [
      'a path is denied',
      '  - { id: x, effect: deny, on: [file.write], when: \'resource.path == "src/b.txt"\', enforce: best-effort }\n',
      'src/b.txt',
    ],
    [
      'evidence is demanded',
      '  - { id: x, effect: allow, on: [task.complete], obligations: [{ evidence: test-report }] }\n',
      'test-report',
    ],
    [
      'a check is denied',
      '  - { id: x, effect: deny, on: [shell.run], command: { argv: [grep, "..."] }, enforce: best-effort }\n',
      'project/x',
    ],
  ])('does not land once %s', (_, rule, said) =>
    withProject({}, async (project) => {
      const { box, id } = await approved(project);
      addRules(project, rule);
      const { task } = await execute(box, id);
      expect(task).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'human' }] });
      expect(task.failure?.message).toContain(said);
      expect(project.git('ls-tree', '-r', '--name-only', 'signalbox/integration')).not.toContain('src/b.txt');
    }),
  );

  it.each([
    [
      'asks about a path',
      `  - { id: x, effect: ask, on: [file.write], when: 'resource.path == "src/b.txt"', enforce: best-effort }\n`,
    ],
  ])('does not land where policy now %s', (_, rule) =>
    withProject({}, async (project) => {
      const { box, id } = await approved(project);
      addRules(project, rule);
      const { task } = await execute(box, id);
      expect(task).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'human' }] });
    }),
  );

  it('is of the AI that did the work: another one does it anew', () =>
    withProject({}, async (project) => {
      const { box, id } = await approved(project);
      await shellAI(box, `echo run >> ${project.place}/runs; echo b > src/b.txt`, 'other');
      await execute(box, id, { ai: 'other' });
      expect(runs(project)).toBe(2);
    }));

  it('does not count evidence that was removed', () =>
    withProject({}, async (project) => {
      addRules(project, '  - { id: y, effect: allow, on: [task.complete], obligations: [{ evidence: command }] }\n');
      const { box, id } = await approved(project);
      const evidence = await box.store.evidence.list({ task: id });
      for (const item of evidence.filter(({ kind }) => kind === 'command')) {
        await removeEvidence({ ...box, actor: ANA }, item.id, 'too large');
      }
      expect((await execute(box, id)).task.failure?.message).toContain('evidence of kind command');
    }));

  it('that conflicts is tried once; then the work is done anew', () =>
    withProject({}, async (project) => {
      const { box, id } = await approved(project);
      const other = await add(box, { run: { shell: 'echo other > src/b.txt' }, checks: ['true'] });
      await execute(box, other);
      await answer(box);
      expect((await execute(box, other)).task.status).toBe('done');
      expect((await execute(box, id)).task).toMatchObject({ status: 'queued', failure: { class: 'checks_failed' } });
      expect(runs(project)).toBe(1);
      await execute(box, id);
      expect(runs(project)).toBe(2);
    }));
});
