import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Task } from '@signalbox/runtime/project';
import { type Project, withProject } from './support/project.js';

interface Page {
  tasks: Task[];
  next: string | null;
}

const titles = async (project: Project, ...argv: string[]): Promise<string[]> =>
  (await project.ask<Page>('task', 'list', ...argv)).tasks.map((task) => task.title);

async function withTasks(test: (project: Project) => Promise<void>): Promise<void> {
  await withProject({}, async (project) => {
    const { id } = await project.add('Low', '--priority', 'low', '--label', 'area=api');
    await project.add('High', '--priority', 'high', '--ai', 'claude', '--label', 'area=api', '--label', 'team=core');
    await project.add('Waits', '--need', id);
    await project.add('Later', '--not-before', '1h');
    await test(project);
  });
}

describe('signalbox task list', () => {
  it('lists by priority, and by the order of creation when asked', () =>
    withTasks(async (project) => {
      expect(await titles(project)).toEqual(['High', 'Waits', 'Later', 'Low']);
      expect(await titles(project, '--sort', 'created')).toEqual(['Low', 'High', 'Waits', 'Later']);
      expect(await titles(project, '--sort', 'updated')).toHaveLength(4);
    }));

  it('lists only what is asked for', () =>
    withTasks(async (project) => {
      expect(await titles(project, '--ready')).toEqual(['High', 'Low']);
      expect(await titles(project, '--blocked')).toEqual(['Waits']);
      expect(await titles(project, '--status', 'blocked', '--status', 'done')).toEqual(['Waits']);
      expect(await titles(project, '--status', 'blocked,queued')).toHaveLength(4);
      expect(await titles(project, '--label', 'area=api')).toEqual(['High', 'Low']);
      expect(await titles(project, '--label', 'area=api', '--label', 'team=core')).toEqual(['High']);
      expect(await titles(project, '--ai', 'claude')).toEqual(['High']);
    }));

  it('goes on where a page ended', () =>
    withTasks(async (project) => {
      const first = await project.ask<Page>('task', 'list', '--limit', '3');
      expect(first.tasks).toHaveLength(3);
      const second = await project.ask<Page>('task', 'list', '--limit', '3', '--cursor', first.next ?? '');
      expect(second).toMatchObject({ tasks: [{ title: 'Low' }], next: null });
      expect((await project.run(['task', 'list', '--limit', '3'])).stdout).toContain(
        `\nMore with --cursor ${first.next}\n`,
      );
    }));

  it('is a table of at most 80 columns for a person', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('word '.repeat(40).trim());
      const { stdout } = await project.run(['task', 'list']);
      const lines = stdout.trimEnd().split('\n');
      expect(lines[0]).toMatch(/^ID +STATUS +PRIORITY +TITLE$/);
      expect(lines[1]).toMatch(new RegExp(`^${id} +queued +0 +word .*…$`));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
      expect(stdout).not.toContain('\x1b');
      const coloured = await project.run(['task', 'list'], { isTerminal: true });
      expect(coloured.stdout).toContain('\x1b[1mqueued\x1b[0m');
    }));

  it.each([
    [['--status', 'finished'], 'USAGE'],
    [['--sort', 'title'], 'USAGE'],
    [['--limit', '0'], 'USAGE'],
    [['--label', 'area'], 'USAGE'],
    [['--cursor', 'nonsense'], 'INVALID_CURSOR'],
  ])('refuses %j', (argv, code) =>
    withProject({}, async (project) => {
      const { exitCode, stdout, stderr } = await project.run(['task', 'list', ...argv, '--json']);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(JSON.parse(stderr).error.code).toBe(code);
    }),
  );
});

describe('signalbox task show', () => {
  it('takes any unique prefix of an id', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('One', '--description', 'All of it.\nTwo lines.');
      expect(await project.ask('task', 'show', id.slice(0, -2))).toMatchObject({ id });
      expect((await project.run(['task', 'show', id])).stdout).toMatch(/All of it\.\nTwo lines\.\n$/);
    }));

  it('says what it does not find, and what is not unique', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('One');
      await project.add('Two');
      const missing = await project.run(['task', 'show', 'tsk_zzz', '--json']);
      expect([missing.exitCode, JSON.parse(missing.stderr).error.code]).toEqual([3, 'NOT_FOUND']);
      const ambiguous = await project.run(['task', 'show', id.slice(0, 6), '--json']);
      expect([ambiguous.exitCode, JSON.parse(ambiguous.stderr).error.code]).toEqual([2, 'AMBIGUOUS_ID']);
    }));
});

describe('signalbox status', () => {
  it('is one screen with what runs, what waits and who is there', () =>
    withTasks(async (project) => {
      expect((await project.run(['status'])).stdout).toContain(`${project.root}: 3 queued, 1 blocked`);
      await project.ask('ai', 'register', 'sh', '--connector', 'command');
      const { task } = await project.ask<{ task: Task }>('task', 'claim', '--as', 'ana');
      const { stdout } = await project.run(['status']);
      expect(stdout).toMatch(new RegExp(`RUNNING +STATUS +BY +TITLE\n${task.id} +claimed +ana +High`));
      expect(stdout).toMatch(/BLOCKED +BECAUSE\ntsk_\w+ +it needs tsk_/);
      expect(stdout).toMatch(/AI +CONNECTOR +STATUS +RUNNING\nsh +command +online +0\/1/);
      expect(await project.ask('status')).toMatchObject({
        counts: { queued: 2, blocked: 1, claimed: 1 },
        running: [{ id: task.id, holder: 'ana' }],
        ais: [{ id: 'sh' }],
        unlanded: null,
      });
    }));

  it('says in a line what no AI can take, and that a broken policy denies everything', () =>
    withProject({}, async (project) => {
      await project.ask('ai', 'register', 'sh', '--connector', 'command');
      const { id } = await project.add('x', '--ai', 'ghost');
      project.write(
        '.ai/policy.yaml',
        readFileSync(join(project.root, '.ai/policy.yaml'), 'utf8').replace('effect: deny', 'effect: dney'),
      );
      const { exitCode, stdout } = await project.run(['status']);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(
        new RegExp(
          `QUEUED +BUT NO AI CAN TAKE IT, BECAUSE\n1 task +pinned to ghost, which is not registered\\s+\\(${id}\\)`,
        ),
      );
      expect(stdout.replace(/\s+/g, ' ')).toMatch(
        /The policy file is not valid, so everything is denied \(\.ai\/policy\.yaml:\d+:\d+\): .*dney.* See `signalbox policy validate`\./,
      );
    }));

  it('says that there is nothing yet', () =>
    withProject({}, async (project) => {
      expect((await project.run(['status'])).stdout).toContain('no tasks yet');
    }));
});

describe('signalbox doctor', () => {
  it('works before a project is there, and says what is missing', () =>
    withProject({ init: false, git: false }, async (project) => {
      const { exitCode, stdout } = await project.run(['doctor']);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^ok {4}node +\d/);
      expect(stdout).toMatch(/note {2}project +.* is not initialised\n +Run `signalbox init`/);
    }));

  it('looks at the store of a project, and for agents', () =>
    withProject({}, async (project) => {
      const environment = { ...project.environment, PATH: `${process.env['PATH']}` };
      const { stdout } = await project.run(['doctor', '--json', '--root', project.root], { environment, cwd: '/' });
      const report = JSON.parse(stdout) as { ok: boolean; findings: { name: string; state: string }[] };
      expect(report.ok).toBe(true);
      expect(report.findings.map(({ name }) => name)).toEqual([
        ...[
          'node',
          'git',
          'sqlite',
          'store',
          'key',
          'config',
          'policy',
          'claude-code',
          'codex',
          'acp',
          'sandbox',
          'disk',
        ],
      ]);
    }));

  it('exits with 8 when something is bad', () =>
    withProject({ init: false }, async (project) => {
      const environment = { ...project.environment, PATH: project.place };
      const { exitCode, stdout } = await project.run(['doctor'], { environment });
      expect(exitCode).toBe(8);
      expect(stdout).toMatch(/^BAD {3}git/m);
    }));
});
