import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '@signalbox/testkit';
import { add, execute, exists, kinds, landForeign, shellAI, withProject, worktreeOf } from './support/bench.js';

describe('executing a task whose work is right', () => {
  it('lands the change on the integration branch in the name of the AI, and leaves nothing else behind', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo done > src/b.txt');
      const task = await add(box, { title: 'Write b', type: 'feature', checks: ['grep -rq done src'] });
      const { task: after, attempt, verdict, evidence, steps } = await execute(box, task);
      expect(after).toMatchObject({ status: 'done', attempt: 1, lease: null });
      expect(attempt).toMatchObject({ number: 1, ai: 'sh', outcome: 'succeeded', failure: null });
      expect(verdict).toEqual({ pass: true, needsPerson: false, reasons: [] });
      expect(evidence.map(({ kind, grade }) => `${kind} ${grade}`)).toEqual(['diff observed', 'command verified']);
      expect(steps.map((step) => step.step)).toEqual(['claimed', 'routed', 'workspace', 'agent', 'check', 'landed']);
      expect(project.git('show', 'signalbox/integration:src/b.txt')).toBe('done');
      expect(project.git('log', '-1', '--format=%an %ae %s', 'signalbox/integration')).toBe(
        'sh sh@signalbox.invalid Write b',
      );
      const trailers = project.git('log', '-1', '--format=%(trailers:only)', 'signalbox/integration');
      expect(trailers).toContain(`Signalbox-Task: ${task.id}`);
      expect(trailers).toContain(`Signalbox-Attempt: ${attempt.id}`);
      expect(trailers).toContain(`Signalbox-Evidence: ${evidence[0]?.digest}`);
      expect(project.git('branch', '--format=%(refname:short)').split('\n').sort()).toEqual([
        'main',
        'signalbox/integration',
      ]);
      expect(exists(worktreeOf(box, task))).toBe(false);
      expect(exists(`${box.store.paths.scratch}/${attempt.id}`)).toBe(false);
      expect(kinds(box, `task/${task.id}`)).toEqual([
        'task.created',
        'policy.decided',
        'task.claimed',
        'task.started',
        'evidence.collected',
        'policy.decided',
        'evidence.collected',
        'policy.decided',
        'landing.intended',
        'policy.outcome',
        'landing.landed',
        'task.completed',
      ]);
      expect(await box.ledger.verify()).toMatchObject({ ok: true, integrity: true, completeness: 'proven' });
    }));

  it('does not touch the checkout of the user, who may be in the middle of something', () =>
    withProject({}, async (project) => {
      project.write('src/a.txt', 'half an idea\n');
      project.write('notes.txt', 'untracked\n');
      project.git('add', 'src/a.txt');
      const before = project.git('status', '--porcelain');
      const box = await project.open();
      await shellAI(box, 'echo more >> src/a.txt');
      const { task } = await execute(box, await add(box, { checks: ['grep -rqx more src', 'test ! -e notes.txt'] }));
      expect(task.status).toBe('done');
      expect(project.git('status', '--porcelain')).toBe(before);
      expect(project.read('src/a.txt')).toBe('half an idea\n');
      expect(project.git('show', 'signalbox/integration:src/a.txt')).toBe('a\nmore');
      expect(project.git('rev-parse', '--abbrev-ref', 'HEAD')).toBe('main');
    }));

  it('lands deletions, binary files, odd names and executable bits as they are', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(
        box,
        String.raw`rm src/a.txt; printf 'a\000b\377' > bin.dat; echo x > 'a "b" ü.txt'; echo x > run; chmod +x run`,
      );
      const { task } = await execute(box, await add(box, { checks: ['test -x ./r*n'] }));
      expect(task.status).toBe('done');
      const landed = project.git('ls-tree', '-r', '-z', 'signalbox/integration').split('\0');
      expect(landed.map((line) => line.replace(/ blob \w+/, ''))).toEqual([
        '100644\tREADME.md',
        '100644\ta "b" ü.txt',
        '100644\tbin.dat',
        '100755\trun',
        '',
      ]);
    }));

  it('merges what landed meanwhile and checks the result again', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo mine > mine.txt');
      const task = await add(box, { checks: ['test -e ./mine*'] });
      const { task: after, evidence } = await execute(box, task, {
        on: ({ step }) => step === 'agent' && void landForeign(project, box, 'other.txt', 'other\n'),
      });
      expect(after.status).toBe('done');
      expect(project.git('show', 'signalbox/integration:other.txt')).toBe('other');
      expect(project.git('show', 'signalbox/integration:mine.txt')).toBe('mine');
      expect(project.git('log', '-1', '--format=%an %s', 'signalbox/integration')).toBe('sh Merge Do it');
      const commands = evidence.filter((item) => item.kind === 'command');
      expect(commands.map((item) => item.tree)).toEqual([
        expect.any(String),
        project.git('rev-parse', 'signalbox/integration^{tree}'),
      ]);
      expect(commands[0]?.tree).not.toBe(commands[1]?.tree);
    }));

  it('lets nothing land that conflicts with what landed meanwhile, and tells the next attempt', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo mine > src/a.txt');
      const task = await add(box, { checks: ['true'] });
      let foreign = '';
      const first = await execute(box, task, {
        on: ({ step }) => {
          if (step === 'agent') foreign = landForeign(project, box, 'src/a.txt', 'theirs\n');
        },
      });
      expect(first.task).toMatchObject({ status: 'queued', attempt: 0, failure: { class: 'checks_failed' } });
      expect(first.task.failure?.message).toContain('conflicts with what landed meanwhile in src/a.txt');
      expect(first.verdict?.pass).toBe(false);
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(foreign);
      expect(project.git('show', `signalbox/${task.id}/1:src/a.txt`)).toBe('mine');
      const second = await execute(box, task);
      expect(second.task).toMatchObject({ status: 'done', attempt: 1, failure: null });
      expect(project.git('show', 'signalbox/integration:src/a.txt')).toBe('mine');
    }));

  it('spends no attempt on the first five conflicts in a row, and waits longer after each', () =>
    withProject({}, async (project) => {
      const box = await project.open({ clock: createFakeClock() });
      await shellAI(box, 'echo mine > src/a.txt');
      const task = await add(box, { checks: ['true'], maxAttempts: 1 });
      const pauses: number[] = [];
      for (let n = 1; n <= 6; n++) {
        const { task: after } = await execute(box, task, {
          on: ({ step }) => step === 'agent' && void landForeign(project, box, 'src/a.txt', `theirs ${n}\n`),
        });
        expect(after).toMatchObject(n <= 5 ? { status: 'queued', attempt: 0 } : { status: 'failed', attempt: 1 });
        if (after.notBefore !== null) pauses.push(Date.parse(after.notBefore) - box.store.clock.now());
      }
      expect(pauses).toHaveLength(5);
      for (const [n, pause] of pauses.entries()) {
        expect(pause).toBeGreaterThanOrEqual(1_000 * 2 ** n);
        expect(pause).toBeLessThanOrEqual(2_000 * 2 ** n);
      }
    }));

  it('lets nothing land whose checks fail once merged', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo mine > mine.txt');
      const task = await add(box, { checks: ['test ! -e other.txt || { echo they clash; exit 3; }'] });
      let foreign = '';
      const { task: after } = await execute(box, task, {
        on: ({ step }) => {
          if (step === 'agent') foreign = landForeign(project, box, 'other.txt', 'other\n');
        },
      });
      expect(after).toMatchObject({ status: 'queued', failure: { class: 'checks_failed' } });
      expect(after.failure?.message).toMatch(
        /^Once merged with what landed meanwhile: .*exited with \d+\.\nthey clash$/s,
      );
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(foreign);
    }));
});

describe('the branch that work starts from', () => {
  it('is brought up to date with the base branch first', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo mine > mine.txt');
      await execute(box, await add(box, { checks: ['true'] }));
      project.commitOn('main', 'base.txt', 'from main\n');
      await shellAI(box, 'cp base.txt copy.txt', 'copier');
      const { task } = await execute(box, await add(box, { ai: 'copier', checks: ['test -e mine.txt'] }));
      expect(task.status).toBe('done');
      expect(project.git('show', 'signalbox/integration:copy.txt')).toBe('from main');
      expect(project.git('log', '-1', '--format=%s', 'signalbox/integration^')).toBe(
        'Merge main into signalbox/integration',
      );
    }));

  it('follows the base branch straight where nothing is unlanded', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'exit 1');
      project.git('branch', 'signalbox/integration');
      const moved = project.commitOn('main', 'base.txt', 'from main\n');
      await execute(box, await add(box));
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(moved);
    }));

  it('gives the task back when the two conflict', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo mine > src/a.txt');
      await execute(box, await add(box, { checks: ['true'] }));
      project.commitOn('main', 'src/a.txt', 'theirs\n');
      const task = await add(box);
      await expect(execute(box, task)).rejects.toMatchObject({
        code: 'BASE_CONFLICT',
        details: { paths: ['src/a.txt'] },
      });
      expect(await box.tasks.get(task.id)).toMatchObject({ status: 'queued', attempt: 0, failure: null, lease: null });
    }));

  it('must be there', () =>
    withProject({}, async (project) => {
      project.write('.ai/config.yaml', 'version: 1\nbase: trunk\n');
      const box = await project.open();
      await shellAI(box, 'true');
      const task = await add(box);
      await expect(execute(box, task)).rejects.toMatchObject({ code: 'NO_SUCH_BRANCH' });
      expect(await box.tasks.get(task.id)).toMatchObject({ status: 'queued', attempt: 0 });
    }));

  it('needs a first commit', () =>
    withProject({ commit: false }, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo x > b.txt');
      const task = await add(box, { checks: ['test -e b.txt'] });
      await expect(execute(box, task)).rejects.toMatchObject({ code: 'NO_COMMITS' });
      const inPlace = await execute(box, task, { workspace: 'in-place' });
      expect(inPlace.task).toMatchObject({ status: 'done', attempt: 1 });
    }));
});
