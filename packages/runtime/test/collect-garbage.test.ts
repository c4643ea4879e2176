import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '@signalbox/kernel';
import { collectGarbage, createTask, examine, type Signalbox } from '../src/index.js';
import { add, execute, exists, type Project, shellAI, USER, withProject, worktreeOf } from './support/bench.js';

// This runs the built package, as a user's process would.
const EXECUTOR = fileURLToPath(new URL('./fixtures/executor.mjs', import.meta.url));
const DAY = 24 * 60 * 60_000;

function collect(box: Signalbox, project: Project, days = 0, more: { most?: number } = {}) {
  const now = systemClock.now() + days * DAY;
  return collectGarbage(box.store, project.environment, { now, keep: 7 * DAY, ...more });
}

/** A task whose attempts are used up, with its worktree and something in it that is on no branch. */
async function failedTask(box: Signalbox, n = 1) {
  const task = await add(box, { title: `Fail ${n}`, checks: ['true'], maxAttempts: 1, ai: 'bad' });
  const { task: after } = await execute(box, task);
  expect(after.status).toBe('failed');
  writeFileSync(join(worktreeOf(box, task), 'late.txt'), 'late\n');
  return task;
}

describe('worktrees that nobody needs any more', () => {
  it('of a task that failed go after seven days, and what lies in them is on its branch', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo part > part.txt; exit 3', 'bad');
      const task = await failedTask(box);
      expect(await collect(box, project, 6)).toMatchObject({ removed: [], kept: [task.id] });
      expect(exists(worktreeOf(box, task))).toBe(true);
      expect(await collect(box, project, 8)).toMatchObject({ removed: [task.id], kept: [], left: [] });
      expect(exists(worktreeOf(box, task))).toBe(false);
      expect(project.git('show', `signalbox/${task.id}/1:late.txt`)).toBe('late');
      expect(project.git('show', `signalbox/${task.id}/1:part.txt`)).toBe('part');
      expect(project.git('worktree', 'list').split('\n')).toHaveLength(1);
      expect(await collect(box, project, 8)).toEqual({ removed: [], kept: [], strange: [], left: [] });
    }));

  it('stay as long as the task can go on, and when git cannot read them', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo part > part.txt; exit 3', 'bad');
      const open = await add(box, { checks: ['true'], maxAttempts: 3, ai: 'bad' });
      await execute(box, open);
      const broken = await failedTask(box);
      mkdirSync(join(worktreeOf(box, broken), 'nested'));
      project.git('init', '-q', join(worktreeOf(box, broken), 'nested'));
      const aside = `${worktreeOf(box, open)}.kept-1`;
      mkdirSync(aside);
      const report = await collect(box, project, 30);
      expect(report).toMatchObject({ removed: [], left: [] });
      expect(report.kept.sort()).toEqual([broken.id, open.id, `${open.id}.kept-1`].sort());
      expect(exists(join(worktreeOf(box, broken), 'late.txt'))).toBe(true);
    }));

  it('of a task that is done go at once, those moved aside as well; its branches only once they have landed', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'test -e ../x || { touch ../x; echo no > no.txt; exit 3; }; echo x > b.txt');
      const task = await add(box, { checks: ['true'], maxAttempts: 3 });
      await execute(box, task);
      expect((await execute(box, task)).task.status).toBe('done');
      mkdirSync(worktreeOf(box, task));
      mkdirSync(`${worktreeOf(box, task)}.kept-1`);
      mkdirSync(`${worktreeOf(box, task)}.check`);
      expect((await collect(box, project)).removed).toHaveLength(3);
      const branches = project.git('branch', '--list', `signalbox/${task.id}/*`, '--format=%(refname:short)');
      expect(branches).toBe(`signalbox/${task.id}/1`);
      expect(project.git('show', `${branches}:no.txt`)).toBe('no');
    }));

  it('are removed some at a time, when a project is opened', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'exit 3', 'bad');
      const tasks = [await failedTask(box, 1), await failedTask(box, 2), await failedTask(box, 3)];
      const first = await collect(box, project, 8, { most: 2 });
      expect([first.removed.length, first.left.length]).toEqual([2, 1]);
      const [last = ''] = first.left;
      project.write('.ai/config.yaml', 'version: 1\nbase: main\nworkspace: { keep: 0m }\n');
      project.trust();
      await project.open();
      expect(exists(join(box.store.paths.worktrees, last))).toBe(false);
      for (const { id } of tasks) expect(project.git('show', `signalbox/${id}/1:late.txt`)).toBe('late');
    }));

  it('are left when they are of no task of this project, and doctor names them', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const task = await add(box);
      const { paths, clock } = box.store;
      const strange = join(paths.worktrees, 'tsk_of_somebody_else');
      mkdirSync(strange, { recursive: true });
      mkdirSync(join(paths.worktrees, `${task.id}.kept-3`));
      expect(await collect(box, project, 30)).toMatchObject({ strange: ['tsk_of_somebody_else'], removed: [] });
      const { environment } = project;
      const findings = await examine({ folder: project.root, paths, environment, clock, connectors: [] });
      const texts = findings.filter(({ name }) => name === 'worktrees').map(({ text }) => text);
      expect(texts).toEqual([expect.stringContaining(strange), expect.stringContaining(`${task.id}.kept-3`)]);
    }));

  it('are left where there is no repository any more', () =>
    withProject({ git: false }, async (project) => {
      const box = await project.open();
      mkdirSync(join(box.store.paths.worktrees, 'x'), { recursive: true });
      expect(await collect(box, project)).toEqual({ removed: [], kept: [], strange: [], left: [] });
    }));
});

describe('what else attempts leave', () => {
  it('goes: sessions of tasks that are over, temporary files of attempts that are', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'exit 3', 'bad');
      const failed = await failedTask(box);
      const open = await createTask(box.tasks, box.door, USER, { title: 'Open' });
      const { sessions, scratch } = box.store.paths;
      for (const folder of [join(sessions, failed.id), join(sessions, open.id), join(scratch, 'att_dead')]) {
        mkdirSync(folder, { recursive: true });
      }
      expect((await collect(box, project)).removed).toEqual([`sessions/${failed.id}`, 'scratch/att_dead']);
      expect(readdirSync(sessions)).toEqual([open.id]);
    }));
});

describe('what an attempt of another process uses', () => {
  it('is not touched while it runs, whoever collects and however late it is', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const gate = join(project.place, 'gate');
      const wait = `echo x > b.txt; echo started; while test ! -e ${gate}; do sleep 0.05; done; test -e b.txt`;
      await shellAI(box, wait);
      const task = await add(box, { checks: ['test -e ./b*'] });
      const child: ChildProcess = spawn(process.execPath, [EXECUTOR, project.root, task.id], {
        env: project.environment,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'exit');
      if (!child.stdout) throw new Error('no output');
      let seen = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        const { step } = JSON.parse(line) as { step: string };
        if (step === 'output') {
          const report = await collect(box, project, 365);
          expect(report).toMatchObject({ removed: [], left: [task.id] });
          await project.open();
          seen += 1;
          writeFileSync(gate, '');
        }
      }
      const [code] = await ended;
      expect([code, seen]).toEqual([0, 1]);
      expect((await box.tasks.get(task.id))?.status).toBe('done');
      expect(project.git('show', 'signalbox/integration:b.txt')).toBe('x');
    }));

  it('is not touched either by one that looked before the attempt began', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'exit 3', 'bad');
      const task = await failedTask(box);
      const held = { ...task, lease: null };
      const racing = {
        ...box.store,
        tasks: {
          ...box.tasks,
          // The first look is an old one.
          get: async (id: string) => {
            const current = await box.tasks.get(id);
            if (held.version === -1) return current && { ...current, version: current.version + 1 };
            held.version = -1;
            return current;
          },
        },
      };
      const options = { now: systemClock.now() + 8 * DAY, keep: 7 * DAY };
      expect(await collectGarbage(racing, project.environment, options)).toMatchObject({ left: [task.id] });
      expect(exists(worktreeOf(box, task))).toBe(true);
    }));
});
