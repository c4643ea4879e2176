import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createGit } from '../src/git/git.js';
import { nestedRepositories } from '../src/git/gitlinks.js';
import { hidesFiles, isWithoutGitlinks, notedTree } from '../src/git/index-file.js';
import { readIntegrationTip, readStartingTips } from '../src/landing/branch-tips.js';
import { INTEGRATION_REF } from '../src/landing/integration.js';
import { add, execute, type Project, shellAI, withProject } from './support/bench.js';

/** Git that says of each of its commands what it was. */
function counting(project: Project): { git: ReturnType<typeof createGit>; calls: () => string[] } {
  const folder = join(project.place, 'counting');
  const log = join(folder, 'log');
  mkdirSync(folder, { recursive: true });
  const path = project.environment['PATH'] ?? '';
  writeFileSync(
    join(folder, 'git'),
    `#!/bin/sh\nfor word; do case "$word" in -c|core.*) ;; *) echo "$word" >> '${log}'; break;; esac; done\nPATH='${path}' exec git "$@"\n`,
  );
  chmodSync(join(folder, 'git'), 0o755);
  const environment = { ...project.environment, PATH: `${folder}${delimiter}${path}` };
  const calls = (): string[] => {
    if (!existsSync(log)) return [];
    const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
    rmSync(log);
    return lines;
  };
  return { git: createGit(project.root, environment), calls };
}

describe('where the branches are', () => {
  it('is asked of one git where the integration branch has all of the base', () =>
    withProject({}, async (project) => {
      const { git, calls } = counting(project);
      const base = project.git('rev-parse', 'main');
      project.git('branch', 'signalbox/integration');
      project.git('branch', 'other');
      const tips = await readStartingTips(git, 'main');
      const tip = { commit: base, symbolic: false };
      expect(tips).toEqual({ base: tip, integration: tip, hasBase: true });
      expect(calls()).toEqual(['for-each-ref']);
    }));

  it('is told of a base that has moved on, of one that is not there, and without an integration branch', () =>
    withProject({}, async (project) => {
      const git = createGit(project.root, project.environment);
      const old = project.git('rev-parse', 'main');
      expect(await readStartingTips(git, 'main')).toMatchObject({ integration: null, hasBase: false });
      project.git('branch', 'signalbox/integration');
      const next = project.commitOn('main', 'src/b.txt', 'b');
      expect(await readStartingTips(git, 'main')).toEqual({
        base: { commit: next, symbolic: false },
        integration: { commit: old, symbolic: false },
        hasBase: false,
      });
      for (const name of ['nope', 'signalbox', 'ma*', 'main~1', '-x', '']) {
        expect(await readStartingTips(git, name)).toMatchObject({ base: null, hasBase: false });
      }
    }));

  it('is told of a name that stands for another branch, of a tag, and of what is no commit', () =>
    withProject({}, async (project) => {
      const git = createGit(project.root, project.environment);
      const commit = project.git('rev-parse', 'main');
      expect(await readIntegrationTip(git)).toBeNull();
      project.git('symbolic-ref', INTEGRATION_REF, 'refs/heads/main');
      expect(await readIntegrationTip(git)).toEqual({ commit, symbolic: true });
      project.git('symbolic-ref', INTEGRATION_REF, 'refs/heads/nowhere');
      expect(await readIntegrationTip(git)).toBeNull();
      const file = join(project.root, '.git', INTEGRATION_REF);
      project.git('tag', '--annotate', '--message=x', 'note');
      writeFileSync(file, `${project.git('rev-parse', 'note')}\n`);
      expect(await readIntegrationTip(git)).toEqual({ commit, symbolic: false });
      for (const text of [project.git('rev-parse', 'main^{tree}'), '1'.repeat(40), 'nothing']) {
        writeFileSync(file, `${text}\n`);
        expect(await readIntegrationTip(git)).toBeNull();
      }
    }));
});

describe('repositories within a work tree', () => {
  it('are not listed of an index without any, and listed of one with a link of theirs', () =>
    withProject({}, async (project) => {
      const { git, calls } = counting(project);
      const index = join(project.root, '.git', 'index');
      expect(await nestedRepositories(git, index)).toEqual([]);
      expect(calls()).toEqual([]);
      const head = project.git('rev-parse', 'HEAD');
      mkdirSync(join(project.root, 'within'));
      for (const version of ['2', '4']) {
        project.git('update-index', '--index-version', version, '--add', '--cacheinfo', `160000,${head},within`);
        expect(await nestedRepositories(git, index)).toEqual(['within']);
      }
    }));

  it('are listed of an index that is split, whose links lie in another file', () =>
    withProject({}, async (project) => {
      const git = createGit(project.root, project.environment);
      const index = join(project.root, '.git', 'index');
      mkdirSync(join(project.root, 'within'));
      project.git('update-index', '--add', '--cacheinfo', `160000,${project.git('rev-parse', 'HEAD')},within`);
      project.git('update-index', '--split-index');
      expect(await nestedRepositories(git, index)).toEqual(['within']);
    }));
});

describe('the tree that an index stands for', () => {
  const index = (project: Project): Buffer => readFileSync(join(project.root, '.git', 'index'));

  it('is read from the index where git has noted it, in every format of files', () =>
    withProject({}, async (project) => {
      for (const name of ['a', 'ab/abcdefg', 'ab/abcdefgh', 'TREE', 'z'.repeat(200)]) {
        mkdirSync(join(project.root, name, '..'), { recursive: true });
        writeFileSync(join(project.root, name), name);
      }
      project.git('add', '--all');
      expect(notedTree(index(project), 20)).toBeNull();
      const tree = project.git('write-tree');
      expect(notedTree(index(project), 20)).toBe(tree);
      expect(isWithoutGitlinks(index(project))).toBe(true);
      project.git('update-index', '--skip-worktree', 'a');
      expect(index(project).readUInt32BE(4)).toBe(3);
      project.git('write-tree');
      expect(notedTree(index(project), 20)).toBe(tree);
      project.git('update-index', '--index-version', '4');
      project.git('write-tree');
      expect(notedTree(index(project), 20)).toBe(tree);
    }));

  it('is not known of one that has changed since, that is split, or that is cut off', () =>
    withProject({}, async (project) => {
      writeFileSync(join(project.root, 'new'), '1');
      project.git('add', '--all');
      project.git('write-tree');
      const whole = index(project);
      for (let length = 0; length < whole.length - 20; length++) {
        expect([null, project.git('write-tree')]).toContain(notedTree(whole.subarray(0, length), 20));
        if (length === 200) length = whole.length - 40;
      }
      expect(notedTree(Buffer.from('no index at all, but long enough for one'), 20)).toBeNull();
      project.git('update-index', '--split-index');
      expect(notedTree(index(project), 20)).toBeNull();
      project.git('update-index', '--no-split-index');
      writeFileSync(join(project.root, 'new'), '2');
      project.git('add', '--all');
      expect(notedTree(index(project), 20)).toBeNull();
      project.git('rm', '--quiet', '--cached', 'new');
      project.git('add', '--intent-to-add', 'new');
      expect(notedTree(index(project), 20)).toBeNull();
    }));

  it('is noted with the longer ids of a repository of that kind as well', () =>
    withProject({}, async (project) => {
      const folder = join(project.root, 'longer');
      mkdirSync(folder);
      const git = createGit(folder, project.environment);
      await git.run(['init', '--quiet', '--object-format=sha256']);
      writeFileSync(join(folder, 'a'), 'a');
      await git.run(['add', 'a']);
      const tree = await git.run(['write-tree']);
      expect(notedTree(readFileSync(join(folder, '.git', 'index')), 32)).toBe(tree);
    }));
});

describe('an index by which git looks past some files', () => {
  it.each(['2', '4'])('is told from others, in version %s', (version) =>
    withProject({}, async (project) => {
      const hides = (): boolean => hidesFiles(readFileSync(join(project.root, '.git', 'index')), 20);
      project.git('update-index', '--index-version', version);
      expect(hides()).toBe(false);
      for (const bit of ['assume-unchanged', 'skip-worktree']) {
        project.git('update-index', `--${bit}`, 'src/a.txt');
        expect(hides()).toBe(true);
        project.git('update-index', `--no-${bit}`, 'src/a.txt');
        expect(hides()).toBe(false);
      }
      expect(hidesFiles(Buffer.from('DIRC'), 20)).toBe(true);
    }),
  );

  it.each(['assume-unchanged', 'skip-worktree'])('hides nothing of what is done in place: %s', (bit) =>
    withProject({}, async (project) => {
      project.git('update-index', `--${bit}`, 'src/a.txt');
      const box = await project.open();
      await shellAI(box, 'echo changed > src/a.txt; echo new > n.txt');
      const { evidence } = await execute(box, await add(box, { checks: ['true'] }), { workspace: 'in-place' });
      const [diff] = evidence.filter(({ kind }) => kind === 'diff');
      expect(diff?.summary).toMatchObject({ files: 2 });
    }),
  );
});
