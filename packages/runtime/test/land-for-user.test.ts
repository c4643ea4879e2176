import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createGit, type Git, landForUser } from '../src/index.js';
import { add, execute, type Project, shellAI, USER, withProject } from './support/bench.js';

type Land = (git?: Git) => Promise<unknown>;

async function withLanded(test: (project: Project, land: Land, git: Git) => Promise<void>): Promise<void> {
  await withProject({}, async (project) => {
    const box = await project.open();
    await shellAI(box, 'echo x > b.txt');
    await execute(box, await add(box, { checks: ['true'] }));
    const git = createGit(project.root, project.environment);
    await test(project, (by = git) => landForUser({ ...box, actor: USER }, by), git);
  });
}

/** Git, before whose merge the user does something in another shell. */
function raced(git: Git, before: () => void): Git {
  return {
    ...git,
    attempt(args, options) {
      if (args[0] === 'merge' && args[1] !== '--abort') before();
      return git.attempt(args, options);
    },
  };
}

describe('the branch on which work lands', () => {
  it.each([
    ['a fast-forward', false],
    ['a merge', true],
  ])('is the one that was checked out when it was asked for, or none: %s', (_, goesOn) =>
    withLanded(async (project, land, git) => {
      project.git('branch', 'other');
      if (goesOn) project.git('switch', '-q', 'other');
      if (goesOn) project.git('commit', '-q', '--allow-empty', '-m', 'Go on');
      if (goesOn) project.git('switch', '-q', 'main');
      const before = project.git('for-each-ref', 'refs/heads');
      const switching = raced(git, () => project.git('switch', '-q', 'other'));
      await expect(land(switching)).rejects.toMatchObject({
        code: 'STALE',
        message: expect.stringContaining('other is checked out by now, not main'),
      });
      expect(project.git('for-each-ref', 'refs/heads')).toBe(before);
      expect(project.git('symbolic-ref', 'HEAD')).toBe('refs/heads/other');
      expect([project.git('status', '--porcelain', '-uno'), existsSync(join(project.root, 'b.txt'))]).toEqual([
        '',
        false,
      ]);
      project.git('switch', '-q', 'main');
      expect(await land()).toMatchObject({ branch: 'main', commits: 1 });
    }),
  );

  it('keeps what its user has changed since, and says where the work went', () =>
    withLanded(async (project, land, git) => {
      project.git('branch', 'other');
      const switching: Git = {
        ...raced(git, () => project.git('switch', '-q', 'other')),
        async run(args, options) {
          // Right after the merge, before it is looked at.
          if (args.at(-1) === 'refs/heads/main^{commit}' && existsSync(join(project.root, 'b.txt'))) {
            project.write('b.txt', 'by the user\n');
          }
          return git.run(args, options);
        },
      };
      await expect(land(switching)).rejects.toMatchObject({
        code: 'STALE',
        message: expect.stringContaining('other was checked out while this landed on main'),
        hint: expect.stringContaining('git reset --keep ORIG_HEAD'),
      });
      expect(project.read('b.txt')).toBe('by the user\n');
    }));

  it('keeps what its own hooks make of it', () =>
    withLanded(async (project, land) => {
      const hook = join(project.root, '.git', 'hooks', 'post-merge');
      writeFileSync(hook, '#!/bin/sh\ngit reset -q --hard ORIG_HEAD\n', { mode: 0o755 });
      const before = project.git('rev-parse', 'HEAD');
      await expect(land()).rejects.toMatchObject({
        code: 'LAND_CONFLICT',
        message: expect.stringContaining('a hook of yours took it back'),
      });
      expect(project.git('rev-parse', 'HEAD')).toBe(before);
    }));

  it.each([
    ['ignored', 'b.txt\n'],
    ['not known to git', ''],
  ])('overwrites no file that is %s', (_, ignored) =>
    withLanded(async (project, land) => {
      project.write('.git/info/exclude', ignored);
      project.write('b.txt', 'mine\n');
      await expect(land()).rejects.toMatchObject({ code: 'DIRTY_CHECKOUT', details: { paths: ['b.txt'] } });
      expect(project.read('b.txt')).toBe('mine\n');
      rmSync(join(project.root, 'b.txt'));
      expect(await land()).toMatchObject({ branch: 'main' });
    }),
  );

  it('may have got the same file meanwhile in another way', () =>
    withLanded(async (project, land) => {
      project.commitOn('main', 'b.txt', 'x\n');
      project.git('reset', '-q', '--hard');
      expect(await land()).toMatchObject({ branch: 'main' });
    }));

  it('has to be there', () =>
    withLanded(async (project, land) => {
      project.git('switch', '-q', '--detach');
      await expect(land()).rejects.toMatchObject({ code: 'NO_SUCH_BRANCH' });
      expect(existsSync(join(project.root, 'b.txt'))).toBe(false);
    }));

  it.each(['--squash', '--no-commit', '--no-ff'])(
    'is merged into whatever its user has set merges to do: %s',
    (option) =>
      withLanded(async (project, land) => {
        project.git('commit', '-q', '--allow-empty', '-m', 'Go on');
        project.git('config', 'branch.main.mergeOptions', option);
        expect(await land()).toMatchObject({ branch: 'main', commits: 1 });
        expect(project.git('log', '-1', '--format=%P').split(' ')).toHaveLength(2);
        expect(project.git('status', '--porcelain', '-uno')).toBe('');
      }),
  );

  it('is left alone while its user merges something else there', () =>
    withLanded(async (project, land) => {
      project.git('switch', '-q', '-c', 'other');
      project.git('commit', '-q', '--allow-empty', '-m', 'Theirs');
      project.git('switch', '-q', 'main');
      project.git('merge', '-q', '-s', 'ours', '--no-commit', '--no-ff', 'other');
      await expect(land()).rejects.toMatchObject({
        code: 'DIRTY_CHECKOUT',
        message: 'A merge of yours is under way in the checkout.',
      });
      expect(project.git('rev-parse', 'MERGE_HEAD')).toBe(project.git('rev-parse', 'other'));
    }));

  it.each([
    ['to be merged', true],
    ['to be moved on', false],
  ])('waits for no other git for ever, and breaks no lock: a branch %s', (_, goesOn) =>
    withLanded(async (project, land) => {
      if (goesOn) project.git('commit', '-q', '--allow-empty', '-m', 'Go on');
      const lock = join(project.root, '.git', 'index.lock');
      writeFileSync(lock, '');
      await expect(land()).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', message: expect.stringContaining(lock) });
      expect([existsSync(lock), existsSync(join(project.root, '.git', 'MERGE_HEAD'))]).toEqual([true, false]);
      rmSync(lock);
      expect(await land()).toMatchObject({ branch: 'main' });
      expect(readdirSync(join(project.root, '.git')).filter((name) => name.endsWith('.lock'))).toEqual([]);
    }),
  );
});
