import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createSignalbox, grantTrust, initProject, previewTrust, type Signalbox } from '../src/index.js';
import { findHome, projectPaths } from '../src/project/index.js';
import { add, execute, shellAI, withProject } from './support/bench.js';
import { whySkipped } from './support/sandbox.js';

/** A project in a folder of a repository, in which a sandbox is demanded. */
async function withPart(test: (box: Signalbox, root: string, git: (...args: string[]) => string) => Promise<void>) {
  await withProject({ git: false, init: false }, async (project) => {
    const { environment } = project;
    const top = join(project.place, 'repo');
    const root = join(top, 'apps/web');
    for (const folder of [join(root, 'src'), join(top, 'docs')]) mkdirSync(folder, { recursive: true });
    for (const file of [join(root, 'src/a.txt'), join(top, 'docs/b.txt')]) writeFileSync(file, 'x\n');
    const git = (...args: string[]): string => project.git('-C', top, ...args);
    git('init', '-q', '-b', 'main');
    git('config', 'user.email', 'ana@example.invalid');
    git('config', 'user.name', 'Ana');
    git('add', '-A');
    git('commit', '-q', '-m', 'Start');
    const home = findHome(environment);
    await initProject({ folder: root, explicit: true, home, environment });
    const config = join(root, '.ai/config.yaml');
    writeFileSync(config, `${readFileSync(config, 'utf8')}\nsandbox: { mode: workspace-write }\n`);
    const paths = projectPaths(root, home);
    grantTrust(paths, previewTrust(paths));
    const box = await createSignalbox({ root, environment });
    try {
      await test(box, root, git);
    } finally {
      await box.close();
    }
  });
}

if (whySkipped !== null) {
  console.log(`No sandbox works here (${whySkipped}): parts of repositories in it are not tested.`);
  describe('a project that is a part of its repository, in a sandbox', () => {
    it('is not tested here', () => expect(whySkipped).not.toBeNull());
  });
} else {
  describe('a project that is a part of its repository, in a sandbox', () => {
    it('is worked on and checked in the whole of a worktree', () =>
      withPart(async (box, _root, git) => {
        await shellAI(box, 'git log --oneline | wc -l && cat ../../docs/b.txt && echo y > src/a.txt');
        const task = await add(box, { checks: ['grep -rq y src && test -e ../../docs/b.txt && git status'] });
        const { task: after, verdict } = await execute(box, task);
        expect([after.status, verdict.reasons]).toEqual(['done', []]);
        expect(git('show', 'signalbox/integration:apps/web/src/a.txt')).toBe('y');
      }));

    it('is held to its folder where it is worked on in place', () =>
      withPart(async (box, root, git) => {
        const lines = [
          'git log --oneline',
          'echo y > src/a.txt',
          'touch ../../docs/new',
          'touch ../../.git/new',
          'touch .ai/new',
        ];
        await shellAI(box, lines.map((line) => `(${line}) >/dev/null 2>&1 && echo yes || echo no`).join('\n'));
        const { steps } = await execute(box, await add(box, { type: 'research' }), { workspace: 'in-place' });
        const output = steps.filter(({ step }) => step === 'output').map(({ text }) => text);
        expect(output).toEqual(['yes', 'yes', 'no', 'no', 'no']);
        expect(readFileSync(join(root, 'src/a.txt'), 'utf8')).toBe('y\n');
        expect(git('status', '--porcelain', '--', 'docs')).toBe('');
      }));
  });
}
