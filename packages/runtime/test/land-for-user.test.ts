import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '@signalbox/kernel';
import { createGit, landForUser } from '../src/index.js';
import { mergeIntoBranch } from '../src/landing/merge-into-branch.js';
import { add, execute, type Project, shellAI, USER, withProject } from './support/bench.js';

async function withLanded(test: (project: Project, land: () => Promise<unknown>) => Promise<void>): Promise<void> {
  await withProject({}, async (project) => {
    const box = await project.open();
    await shellAI(box, 'echo x > b.txt');
    await execute(box, await add(box, { checks: ['true'] }));
    const git = createGit(project.root, project.environment);
    await test(project, () => landForUser({ ...box, actor: USER }, git));
  });
}

/** A hook of the user's that does something while the merge goes on. */
function hook(project: Project, name: string, line: string): void {
  const file = join(project.root, '.git', 'hooks', name);
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}

/** A command of the user's in another shell: not as a hook, which is told of another git folder. */
const elsewhere = (project: Project, line: string): string =>
  `(cd '${project.root}' && env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE ${line})`;

const mergeInto = async (project: Project, ref: string) => {
  const box = await project.open();
  const git = createGit(project.root, project.environment);
  const tip = project.git('rev-parse', 'signalbox/integration');
  return mergeIntoBranch({ paths: box.store.paths, clock: systemClock }, git, { ref, tip });
};

const noLocks = (project: Project): string[] =>
  readdirSync(join(project.root, '.git')).filter((name) => name.endsWith('.lock'));

describe('the checkout while work lands on its branch', () => {
  it.each(['git switch -q -c other', 'git switch -q other', 'git commit -q --allow-empty -m x', 'git add .'])(
    'cannot be changed by `%s`',
    (line) =>
      withLanded(async (project, land) => {
        project.git('branch', 'other');
        project.git('commit', '-q', '--allow-empty', '-m', 'Go on'); // so that it is no fast-forward
        hook(
          project,
          'pre-merge-commit',
          `${elsewhere(project, line)} 2>> '${project.place}/said' && touch '${project.place}/done'; true`,
        );
        const before = project.git('rev-parse', 'other');
        expect(await land()).toMatchObject({ branch: 'main', commits: 1 });
        expect(existsSync(join(project.place, 'done'))).toBe(false);
        expect(project.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');
        expect(project.git('rev-parse', 'other')).toBe(before);
        expect(project.git('status', '--porcelain', '--untracked-files=no')).toBe('');
        expect(noLocks(project)).toEqual([]);
      }),
  );

  it('is left as git leaves it: index, log, where it was, hooks', () =>
    withLanded(async (project, land) => {
      hook(project, 'post-merge', `git symbolic-ref HEAD > '${project.place}/branch'`);
      const from = project.git('rev-parse', 'HEAD');
      await land();
      expect(project.read('b.txt')).toBe('x\n');
      expect(project.git('diff', '--cached', '--name-only')).toBe('');
      expect(project.git('reflog', '-1', '--format=%gs')).toMatch(/^merge .*Fast-forward/);
      expect(project.git('reflog', '-1', '--format=%gs', 'main')).toMatch(/^merge /);
      expect(project.git('rev-parse', 'ORIG_HEAD', 'HEAD@{1}')).toBe(`${from}\n${from}`);
      expect(execFileSync('cat', [join(project.place, 'branch')], { encoding: 'utf8' })).toBe('refs/heads/main\n');
    }));

  it('keeps what its own index and settings say of files', () =>
    withLanded(async (project, land) => {
      project.git('config', 'core.splitIndex', 'true');
      project.git('update-index', '--split-index');
      project.git('update-index', '--skip-worktree', 'README.md');
      await land();
      expect(project.git('ls-files', '-t', 'README.md')).toBe('S README.md');
      expect(project.git('status', '--porcelain', '--untracked-files=no')).toBe('');
    }));
});

describe('landing on a branch', () => {
  it('that is not checked out any more changes nothing', () =>
    withLanded(async (project) => {
      project.git('switch', '-q', '-c', 'other');
      const before = project.git('for-each-ref');
      await expect(mergeInto(project, 'refs/heads/main')).rejects.toMatchObject({
        code: 'STALE',
        message: expect.stringContaining('other is checked out by now, not main'),
      });
      project.git('switch', '-q', '--detach');
      await expect(mergeInto(project, 'refs/heads/main')).rejects.toMatchObject({ code: 'STALE' });
      expect([project.git('for-each-ref'), existsSync(join(project.root, 'b.txt'))]).toEqual([before, false]);
      expect(noLocks(project)).toEqual([]);
    }));

  it('that another work tree moves during the merge puts the files back', () =>
    withLanded(async (project, land) => {
      project.git('commit', '-q', '--allow-empty', '-m', 'Go on');
      project.git('worktree', 'add', '-q', '--detach', join(project.place, 'linked'));
      const other = project.git('commit-tree', 'HEAD^{tree}', '-p', 'HEAD', '-m', 'Meanwhile');
      const move = `env -u GIT_DIR -u GIT_WORK_TREE git -C '${project.place}/linked' update-ref refs/heads/main ${other}`;
      hook(project, 'pre-merge-commit', move);
      await expect(land()).rejects.toMatchObject({ code: 'STALE', message: expect.stringContaining('main moved') });
      expect([project.git('rev-parse', 'main'), existsSync(join(project.root, 'b.txt'))]).toEqual([other, false]);
      expect(project.git('status', '--porcelain', '--untracked-files=no')).toBe('');
      expect(noLocks(project)).toEqual([]);
    }));

  it('waits for no other git for ever, and takes over what a dead landing holds', () =>
    withLanded(async (project, land) => {
      const lock = join(project.root, '.git', 'index.lock');
      writeFileSync(lock, '');
      await expect(land()).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
      expect([existsSync(lock), noLocks(project)]).toEqual([true, ['index.lock']]);
      writeFileSync(lock, 'held by signalbox 4194305 1\n');
      expect(await land()).toMatchObject({ branch: 'main' });
      expect(noLocks(project)).toEqual([]);
    }));
});
