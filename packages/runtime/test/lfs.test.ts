import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '@signalbox/testkit';
import { builtinConnectors, createGit, examine, landForUser, listWorkspaces } from '../src/index.js';
import { findHome, projectPaths } from '../src/project/index.js';
import { add, execute, type Project, shellAI, USER, withProject, worktreeOf } from './support/bench.js';

function hasLfs(): boolean {
  try {
    execFileSync('git', ['lfs', 'version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A repository with one file under the real git-lfs, set up as its users do. */
function useLfs(project: Project): void {
  project.git('lfs', 'install', '--local');
  project.git('lfs', 'track', '*.bin');
  project.write('big.bin', 'a big file\n');
  project.git('add', '-A', '--', '.gitattributes', 'big.bin');
  project.git('commit', '-q', '-m', 'Big files');
  expect(project.git('show', 'HEAD:big.bin')).toMatch(/^version https:\/\/git-lfs/);
}

if (!hasLfs()) {
  console.log('git-lfs is not installed: what is done with its files is not tested.');
  describe('the real git-lfs', () => {
    it('is not tested here', () => expect(hasLfs()).toBe(false));
  });
} else {
  describe('files of the real git-lfs', () => {
    it('are whole in the worktree and for the checks, land as pointers, and are whole again in the checkout', () =>
      withProject({}, async (project) => {
        useLfs(project);
        const box = await project.open();
        await shellAI(
          box,
          'grep -q "a big file" big.bin && echo changed > new.bin && echo more >> big.bin && touch x.txt',
        );
        const check = 'cat ./n*.bin | grep -q changed && cat ./b*.bin | grep -q more';
        const { task, verdict } = await execute(box, await add(box, { checks: [check] }));
        expect([task.status, verdict.reasons]).toEqual(['done', []]);
        expect(project.git('show', 'signalbox/integration:new.bin')).toMatch(/^version https:\/\/git-lfs/);
        const landed = project.git('diff', '--name-only', 'main', 'signalbox/integration').split('\n');
        expect(landed).toEqual(['big.bin', 'new.bin', 'x.txt']);
        await landForUser({ ...box, actor: USER }, createGit(project.root, project.environment));
        expect([project.read('new.bin'), project.read('big.bin')]).toEqual(['changed\n', 'a big file\nmore\n']);
        expect(project.git('status', '--porcelain', '--untracked-files=no')).toBe('');
        expect(project.git('lfs', 'fsck')).toContain('OK');
      }));

    it('are no change where nobody touched them, and are kept as pointers when an attempt fails', () =>
      withProject({}, async (project) => {
        useLfs(project);
        const box = await project.open();
        await shellAI(box, 'touch big.bin; echo part > part.bin; exit 3');
        const task = await add(box, { checks: ['true'], maxAttempts: 3 });
        await execute(box, task);
        expect((await listWorkspaces(box.store, project.environment))[0]?.changes?.files).toBe(1);
        writeFileSync(join(worktreeOf(box, task), 'late.bin'), 'late\n');
        await execute(box, task);
        const tip = `signalbox/${task.id}/1`;
        expect(project.git('diff', '--name-only', 'main', tip).split('\n')).toEqual(['late.bin', 'part.bin']);
        expect(project.git('show', `${tip}:late.bin`)).toMatch(/^version https:\/\/git-lfs/);
      }));

    it('whose contents cannot be had keep the task back with what git-lfs said, unless the user has it leave them out', () =>
      withProject({}, async (project) => {
        useLfs(project);
        rmSync(join(project.root, '.git', 'lfs', 'objects'), { recursive: true });
        project.git('config', 'lfs.url', 'http://127.0.0.1:9/never');
        const box = await project.open();
        await shellAI(box, 'grep -q git-lfs big.bin && touch big.bin && echo x > b.txt');
        const { task } = await execute(box, await add(box, { checks: ['test -e ./b*.txt'] }));
        expect(task.status).toBe('blocked');
        expect(JSON.stringify(task.blockedBy)).toContain('smudge filter lfs failed');
        const environment = { ...project.environment, GIT_LFS_SKIP_SMUDGE: '1' };
        const without = await project.open({ environment });
        const done = await execute(without, await add(without, { checks: ['test -e ./b*.txt'] }));
        expect(done.task).toMatchObject({ status: 'done', failure: null });
        expect(project.git('diff', '--name-only', 'main', 'signalbox/integration')).toBe('b.txt');
      }));

    it('are nothing for the doctor to speak of', () =>
      withProject({}, async (project) => {
        useLfs(project);
        const paths = projectPaths(project.root, findHome(project.environment));
        const { environment } = project;
        const place = {
          folder: project.root,
          paths,
          environment,
          clock: createFakeClock(),
          connectors: builtinConnectors,
        };
        expect((await examine(place)).filter(({ name }) => name === 'filters')).toEqual([]);
      }));
  });
}
