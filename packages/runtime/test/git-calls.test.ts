import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createGit } from '../src/git/git.js';
import { nestedRepositories } from '../src/git/gitlinks.js';
import { readIntegrationTip, readStartingTips } from '../src/landing/branch-tips.js';
import { INTEGRATION_REF } from '../src/landing/integration.js';
import { type Project, withProject } from './support/bench.js';

/** Git that says of each of its commands what it was. */
function counting(project: Project): { git: ReturnType<typeof createGit>; calls: () => string[] } {
  const folder = join(project.root, '..', 'counting');
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
