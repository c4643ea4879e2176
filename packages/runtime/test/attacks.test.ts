import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createGit, landForUser } from '../src/index.js';
import { add, execute, type Project, shellAI, USER, withProject } from './support/bench.js';

const FILES = { 'src/a.txt': 'a\n', 'check.sh': 'grep -q good src/a.txt\n', '.gitignore': 'ignored/\n' };
const FIX = 'echo good > src/a.txt';

/** Lets an agent do `script` and gives what became of its task, whose check wants "good" in src/a.txt. */
async function attack(project: Project, script: string, check = 'sh check.sh') {
  const box = await project.open();
  await shellAI(box, script);
  const task = await add(box, { checks: [check] });
  const before = project.git('rev-parse', 'main');
  const execution = await execute(box, task);
  expect(project.git('rev-parse', 'main')).toBe(before);
  return { box, ...execution };
}

describe('an agent that goes for git', () => {
  it('cannot have the branch of the user moved through its own branch', () =>
    withProject({ files: FILES }, async (project) => {
      await attack(project, 'git symbolic-ref $(git symbolic-ref HEAD) refs/heads/main; echo x > notes.txt');
    }));

  it('cannot have the branch of the user moved through the integration branch', () =>
    withProject({ files: FILES }, async (project) => {
      const { task } = await attack(
        project,
        `${FIX}; git symbolic-ref refs/heads/signalbox/integration refs/heads/main`,
      );
      expect(task.status).toBe('blocked');
    }));

  it('cannot slip work that nobody judged under what is landed', () =>
    withProject({ files: FILES }, async (project) => {
      const evil = 'evil=$(git commit-tree HEAD^{tree} -p HEAD -m evil)';
      const { task, box } = await attack(
        project,
        `${FIX}; ${evil}; git update-ref refs/heads/signalbox/integration $evil`,
      );
      expect(task).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'landing' }] });
      const landing = landForUser({ ...box, actor: USER }, createGit(project.root, project.environment));
      await expect(landing).rejects.toMatchObject({ code: 'INTEGRATION_MOVED' });
    }));

  it('cannot have a tag landed in place of the branch', () =>
    withProject({ files: FILES }, async (project) => {
      const evil = 'evil=$(git commit-tree HEAD^{tree} -p HEAD -m evil)';
      const { task, box } = await attack(project, `${FIX}; ${evil}; git tag signalbox/integration $evil`);
      expect(task.status).toBe('done');
      await landForUser({ ...box, actor: USER }, createGit(project.root, project.environment));
      expect(project.git('log', '--format=%s', 'main')).not.toContain('evil');
      expect(project.read('src/a.txt')).toBe('good\n');
    }));

  it('lands in this repository though it has put another in its folder', () =>
    withProject({ files: FILES }, async (project) => {
      const other = join(project.place, 'other');
      const script = `${FIX}; git clone -q ${project.root} ${other}; echo 'gitdir: ${other}/.git' > .git`;
      const { task } = await attack(project, script);
      expect(task.status).toBe('done');
      expect(project.git('show', 'signalbox/integration:src/a.txt')).toBe('good');
    }));

  it('is stopped for a person when it has changed how git works here, and nothing of that runs', () =>
    withProject({ files: FILES }, async (project) => {
      const ran = join(project.place, 'ran');
      const hook = `printf '#!/bin/sh\\ntouch ${ran}\\n' > $(git rev-parse --git-common-dir)/hooks/reference-transaction`;
      const mode = 'chmod +x $(git rev-parse --git-common-dir)/hooks/reference-transaction';
      const { task } = await attack(
        project,
        `${FIX}; ${hook}; ${mode}; git config filter.x.clean 'touch ${ran}'; rm -f ${ran}`,
      );
      expect(task).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'human' }] });
      expect(JSON.stringify(task.blockedBy)).toContain('hooks/reference-transaction');
      expect(() => rmSync(ran)).toThrow('ENOENT');
    }));

  it('cannot make the next attempt see another test than there is', () =>
    withProject({ files: FILES }, async (project) => {
      const replace = 'git replace $(git rev-parse HEAD:check.sh) $(echo true | git hash-object -w --stdin)';
      const { task } = await attack(project, `${replace}; exit 1`);
      expect(task.status).toBe('blocked');
    }));

  it('does not bring a task to a halt by a repository that git cannot read', () =>
    withProject({ files: FILES }, async (project) => {
      const box = await project.open();
      await shellAI(
        box,
        `if grep -q failed $SIGNALBOX_PROMPT_FILE; then ${FIX}; else git init -q sub; echo a > sub/a; fi`,
      );
      const task = await add(box, { checks: ['sh check.sh'] });
      expect((await execute(box, task)).task).toMatchObject({ status: 'queued', attempt: 1 });
      expect((await execute(box, task)).task.status).toBe('done');
    }));
});

describe('an agent that goes for the checks', () => {
  it('cannot pass them by what would not land', () =>
    withProject({ files: FILES }, async (project) => {
      const script = 'mkdir ignored; echo good > ignored/a.txt; echo x > b.txt';
      const { task } = await attack(project, script, 'grep -rq good ignored');
      expect(task.status).toBe('queued');
    }));

  it('cannot land a repository of its own without its files', () =>
    withProject({ files: FILES }, async (project) => {
      const nested =
        'git init -q lib; cd lib; git config user.email a@b; git config user.name a; git commit -q --allow-empty -m x';
      const { task, verdict } = await attack(project, `${FIX}; ${nested}`);
      expect(task.status).toBe('queued');
      expect(verdict.reasons.map((reason) => reason.code)).toEqual(['NESTED_REPOSITORY']);
    }));
});

describe('what is the user’s', () => {
  it('keeps a worktree on a disk that is away for the moment', () =>
    withProject({ files: FILES }, async (project) => {
      const usb = join(project.place, 'usb');
      project.git('worktree', 'add', '-q', usb, '-b', 'w');
      renameSync(usb, `${usb}-away`);
      await attack(project, FIX);
      renameSync(`${usb}-away`, usb);
      expect(project.git('-C', usb, 'status', '--porcelain')).toBe('');
    }));

  it('works in a repository with a tracked file that is ignored', () =>
    withProject({ files: FILES }, async (project) => {
      mkdirSync(join(project.root, 'ignored'));
      project.write('ignored/kept.txt', 'kept\n');
      project.git('add', '--force', 'ignored/kept.txt');
      project.git('commit', '-q', '-m', 'Keep one');
      const { task } = await attack(project, FIX);
      expect(task.status).toBe('done');
      expect(project.git('show', 'signalbox/integration:ignored/kept.txt')).toBe('kept');
    }));
});
