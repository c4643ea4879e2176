import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { collectGarbage } from '../src/index.js';
import { add, execute, exists, type Project, shellAI, withProject, worktreeOf } from './support/bench.js';

/** Puts a repository with two commits into the project as the submodule `lib`; gives the ids of the two. */
function addSubmodule(project: Project): [string, string] {
  const other = join(project.place, 'lib');
  mkdirSync(other);
  const git = (...args: string[]) => project.git('-C', other, ...args);
  git('init', '-q', '-b', 'main');
  git('config', 'user.email', 'a@example.invalid');
  git('config', 'user.name', 'a');
  const commits = ['one', 'two'].map((text) => {
    writeFileSync(join(other, 'lib.txt'), `${text}\n`);
    git('add', '-A');
    git('commit', '-q', '-m', text);
    return git('rev-parse', 'HEAD');
  });
  const allow = ['-c', 'protocol.file.allow=always'];
  project.git(...allow, 'submodule', '--quiet', 'add', other, 'lib');
  project.git('-C', 'lib', 'checkout', '-q', commits[0] ?? '');
  project.git('add', '-A', '--', 'lib', '.gitmodules');
  project.git('commit', '-q', '-m', 'Add lib');
  // Whatever is done from now on is done without it.
  rmSync(other, { recursive: true });
  return commits as [string, string];
}

describe('a repository with a submodule', () => {
  it('has its files there for the agent and for the checks, without the network, and lands work around it', () =>
    withProject({}, async (project) => {
      const [one] = addSubmodule(project);
      const before = project.git('-C', 'lib', 'status', '--porcelain=2', '--branch');
      const box = await project.open();
      await shellAI(
        box,
        'cp lib/lib.txt src/copy.txt; git status --porcelain > /dev/null; ! git -C lib remote | grep .',
      );
      const { task, verdict } = await execute(box, await add(box, { checks: ['grep -q one lib/lib.t*'] }));
      expect([task.status, verdict.reasons]).toEqual(['done', []]);
      expect(project.git('show', 'signalbox/integration:src/copy.txt')).toBe('one');
      expect(project.git('rev-parse', 'signalbox/integration:lib')).toBe(one);
      expect(project.git('-C', 'lib', 'status', '--porcelain=2', '--branch')).toBe(before);
      expect(exists(worktreeOf(box, task))).toBe(false);
    }));

  it('lands another commit of it that the user has as well', () =>
    withProject({}, async (project) => {
      const [, two] = addSubmodule(project);
      const box = await project.open();
      await shellAI(box, `git -C lib checkout -q ${two}`);
      const { task } = await execute(box, await add(box, { checks: ['grep -q two lib/lib.t*'] }));
      expect(task).toMatchObject({ status: 'done', blockedBy: [] });
      expect(project.git('rev-parse', 'signalbox/integration:lib')).toBe(two);
    }));

  it('lets nothing land that lies within it, be it committed there or not, and does not lose it', () =>
    withProject({}, async (project) => {
      addSubmodule(project);
      const who = 'GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b';
      for (const [id, script] of [
        ['dirty', 'echo x >> lib/lib.txt'],
        ['new', 'echo x > lib/new.txt; echo y > src/b.txt'],
        ['committed', `cd lib; echo x > new.txt; git add -A; ${who} git commit -q -m x`],
        ['cut', 'rm -rf lib/.git; echo x > lib/lib.txt'],
      ] as const) {
        const box = await project.open();
        await shellAI(box, script, id);
        const task = await add(box, { ai: id, checks: ['true'], maxAttempts: 5 });
        const { verdict } = await execute(box, task);
        expect(verdict.reasons.map(({ code }) => code)).toContain('NESTED_REPOSITORY');
        expect(verdict.reasons.find(({ code }) => code === 'NESTED_REPOSITORY')?.message).toContain('lib');
        if (id !== 'dirty') continue;
        await execute(box, task);
        expect(exists(join(`${worktreeOf(box, task)}.kept-2`, 'lib', 'lib.txt'))).toBe(true);
      }
    }));

  it('runs nothing that the agent has put into the configuration of the submodule', () =>
    withProject({}, async (project) => {
      addSubmodule(project);
      const ran = join(project.place, 'ran');
      const box = await project.open();
      const filter = `git -C lib config filter.x.clean 'touch ${ran}; cat'; echo '*.txt filter=x' > lib/.gitattributes`;
      await shellAI(box, `${filter}; git -C lib config core.fsmonitor 'touch ${ran}'; touch lib/lib.txt; rm -f ${ran}`);
      const task = await add(box, { checks: ['true'], maxAttempts: 2 });
      await execute(box, task);
      await execute(box, task);
      const now = box.store.clock.now() + 30 * 24 * 3_600_000;
      await collectGarbage(box.store, project.environment, { now, keep: 0 });
      expect(exists(ran)).toBe(false);
    }));

  it.each(['ext::', 'own program'])('lets nothing be fetched for what the agent has put in its place, by %s', (how) =>
    withProject({}, async (project) => {
      addSubmodule(project);
      const ran = join(project.place, 'ran');
      const box = await project.open();
      // A repository of no objects that has all of them at a remote, as a partial clone has (partial-clone, git(1)).
      const url = how === 'ext::' ? 'ext::$E/run' : 'nowhere:x';
      const script = String.raw`E=$PWD/lib/.git/evil; mkdir -p $E/objects $E/refs
        printf '#!/bin/sh\ntouch ${ran}\n' > $E/run; chmod +x $E/run
        g() { git config --file $E/config "$@"; }
        g core.repositoryformatversion 1; g extensions.partialClone o; g protocol.ext.allow always
        g remote.o.url "${url}"; g remote.o.promisor true; g core.sshCommand "$E/run"
        echo evil > lib/.git/commondir; exit 1`;
      await shellAI(box, script);
      const task = await add(box, { checks: ['true'], maxAttempts: 3 });
      await execute(box, task);
      await execute(box, task);
      expect(exists(ran)).toBe(false);
    }),
  );

  it('is not looked into by a git that the agent has configured, be it not initialised or one of its own', () =>
    withProject({}, async (project) => {
      addSubmodule(project);
      project.git('submodule', '--quiet', 'deinit', '--force', 'lib');
      rmSync(join(project.root, '.git', 'modules'), { recursive: true });
      const ran = join(project.place, 'ran');
      const who = '-c user.name=a -c user.email=a@example.invalid';
      const make = (
        name: string,
      ) => `git init -q ${name}; (cd ${name}; echo x > x.txt; echo '*.txt filter=x' > .gitattributes
        git add -A; git ${who} commit -qm x; git config filter.x.clean 'touch ${ran}; cat'; echo y > x.txt)`;
      const box = await project.open();
      // It says that it has the very commit that belongs there: git then looks whether its files are as they were.
      const pose = 'git rev-parse HEAD:lib > lib/.git/HEAD';
      await shellAI(box, `${make('lib')}; ${pose}; ${make('other')}; rm -f ${ran}`);
      const task = await add(box, { checks: ['true'], maxAttempts: 3 });
      const { verdict } = await execute(box, task);
      expect(exists(ran)).toBe(false);
      expect(verdict.reasons.map(({ code }) => code)).toContain('NESTED_REPOSITORY');
      await execute(box, task);
      expect(exists(ran)).toBe(false);
    }));

  it('is left empty where the user has not initialised it, and that is no change', () =>
    withProject({}, async (project) => {
      const [one] = addSubmodule(project);
      project.git('submodule', '--quiet', 'deinit', '--force', 'lib');
      rmSync(join(project.root, '.git', 'modules'), { recursive: true });
      const box = await project.open();
      await shellAI(box, 'test -z "$(ls lib)" && echo x > b.txt');
      const { task } = await execute(box, await add(box, { checks: ['test -d lib'] }));
      expect(task.status).toBe('done');
      expect(project.git('rev-parse', 'signalbox/integration:lib')).toBe(one);
    }));
});

describe('an agent that goes for the user’s own copy of a submodule', () => {
  it('is stopped for a person when it has changed how git works there', () =>
    withProject({}, async (project) => {
      addSubmodule(project);
      const box = await project.open();
      const modules = join(project.root, '.git', 'modules', 'lib');
      await shellAI(box, `git config --file ${modules}/config core.fsmonitor false; echo x > b.txt`);
      const { task } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'human' }] });
      expect(JSON.stringify(task.blockedBy)).toContain('modules/lib/config');
    }));
});
