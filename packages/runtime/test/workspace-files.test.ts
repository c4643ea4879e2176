import { chmodSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { previewTrust } from '../src/index.js';
import { findHome, projectPaths } from '../src/project/index.js';
import { add, execute, exists, type Project, shellAI, withProject, worktreeOf } from './support/bench.js';

/** Sets `workspace:` and agrees to it. */
function configure(project: Project, workspace: string): void {
  project.write('.ai/config.yaml', `version: 1\nbase: main\nworkspace: ${workspace}\n`);
  project.trust();
}

const SECRET = 'TOKEN=very-secret-value-of-mine';

describe('files of the user that a worktree gets a copy of', () => {
  it('are there for the agent and for the checks, with their modes, and never land', () =>
    withProject({ files: { 'src/a.txt': 'a\n', '.gitignore': 'ignored.env\n' } }, async (project) => {
      configure(project, "{ copy: ['.env.local', 'config/*.json', 'ignored.env', 'absent.txt', 'src/*'] }");
      project.write('.env.local', SECRET);
      project.write('ignored.env', 'X=1');
      project.write('config/dev.json', '{}');
      project.write('config/deep/no.json', '{}');
      project.write('src/a.txt', 'changed by the user, not committed\n');
      chmodSync(join(project.root, '.env.local'), 0o600);
      const box = await project.open();
      await shellAI(box, 'cat .env.local ignored.env config/dev.json > /dev/null && cp src/a.txt src/b.txt; ls -la');
      const check = 'grep -q TOKEN .env.local; test -e config/dev.json; test ! -e config/deep; test -e ignored.env';
      const { task, evidence } = await execute(box, await add(box, { checks: [check.replaceAll('; ', ' && ')] }));
      expect(task).toMatchObject({ status: 'done', failure: null });
      const landed = project.git('ls-tree', '-r', '--name-only', 'signalbox/integration').split('\n');
      expect(landed).toEqual(['.gitignore', 'src/a.txt', 'src/b.txt']);
      // Of a file that git tracks the committed version is what the agent works on.
      expect(project.git('show', 'signalbox/integration:src/b.txt')).toBe('a');
      const [attempt] = await box.tasks.attempts(task.id);
      expect(attempt?.data['copied']).toEqual(['.env.local', 'config/dev.json', 'ignored.env']);
      for (const item of evidence) {
        const bytes = await box.executor.blobs.get(item.digest as never);
        expect(Buffer.from(bytes ?? []).toString('utf8')).not.toContain('very-secret');
      }
      expect(exists(worktreeOf(box, task))).toBe(false);
    }));

  it('are nobody’s work, be they changed, removed, un-ignored or staged by the agent', () =>
    withProject({ files: { 'src/a.txt': 'a\n' } }, async (project) => {
      configure(project, "{ copy: ['.env.local', 'b.env', 'c.env'] }");
      for (const name of ['.env.local', 'b.env', 'c.env']) project.write(name, SECRET);
      const box = await project.open();
      await shellAI(box, `printf '!.env.local\\n' > .gitignore; echo x >> .env.local; rm b.env; git add -A -f`);
      const { task } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task).toMatchObject({ status: 'done', blockedBy: [] });
      const landed = project.git('ls-tree', '-r', '--name-only', 'signalbox/integration').split('\n');
      expect(landed).toEqual(['.gitignore', 'src/a.txt']);
    }));

  it('are not in the commit that keeps what a dead attempt has left', () =>
    withProject({}, async (project) => {
      configure(project, "{ copy: ['.env.local'] }");
      project.write('.env.local', SECRET);
      const box = await project.open();
      await shellAI(box, 'echo half > half.txt; exit 3');
      const task = await add(box, { checks: ['true'], maxAttempts: 5 });
      await execute(box, task);
      writeFileSync(join(worktreeOf(box, task), 'late.txt'), 'written after the end\n');
      writeFileSync(join(worktreeOf(box, task), '.env.local'), `${SECRET} and more`);
      await execute(box, task);
      const kept = project.git('ls-tree', '-r', '--name-only', `signalbox/${task.id}/1`).split('\n');
      expect(kept).toContain('late.txt');
      expect(kept).not.toContain('.env.local');
    }));

  it('are not kept as evidence, though the project wants such files kept', () =>
    withProject({}, async (project) => {
      project.write(
        '.ai/config.yaml',
        "version: 1\nbase: main\nworkspace: { copy: ['out/mine.txt'] }\nevidence: { files: ['out/*.txt'] }\n",
      );
      project.trust();
      project.write('out/mine.txt', SECRET);
      const box = await project.open();
      await shellAI(box, 'echo x > b.txt');
      const { evidence } = await execute(box, await add(box, { checks: ['echo y > out/theirs.txt'] }));
      const paths = evidence.map(({ summary }) => summary['path']).filter((path) => path !== undefined);
      expect(paths).toEqual(['out/theirs.txt']);
    }));

  it('do not lie outside of the project, and never are more than there is room for', () =>
    withProject({}, async (project) => {
      const outside = join(project.place, 'outside.txt');
      writeFileSync(outside, 'x');
      symlinkSync(outside, join(project.root, 'link.txt'));
      symlinkSync('nowhere', join(project.root, 'dangling.txt'));
      symlinkSync('.ai/state', join(project.root, 'state'));
      mkdirSync(join(project.root, 'folder'));
      project.write('big.bin', 'x'.repeat(17 * 1024 * 1024));
      for (const [glob, why] of [
        ['link.txt', /leads out of the project/],
        ['dang*.txt', /leads nowhere/],
        ['state/signalbox.db', /nothing of \.ai/],
        ['folder', /it is no file/],
        ['big.bin', /more than 16 MiB/],
      ] as const) {
        configure(project, `{ copy: ['${glob}'] }`);
        const box = await project.open();
        await shellAI(box, 'true', `ai-${glob.replace(/\W/g, '-')}`);
        const task = await add(box);
        const refused = execute(box, task);
        await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(why) });
        expect(await box.tasks.get(task.id)).toMatchObject({ status: 'queued', attempt: 0, lease: null });
      }
    }));

  it('do not follow a link that was committed where a folder should be', () =>
    withProject({}, async (project) => {
      const outside = join(project.place, 'outside');
      mkdirSync(outside);
      symlinkSync(outside, join(project.root, 'config'));
      project.git('add', 'config');
      project.git('commit', '-q', '-m', 'A link');
      project.git('rm', '-q', '--cached', 'config');
      execFolder(project);
      configure(project, "{ copy: ['config/dev.json'] }");
      const box = await project.open();
      await shellAI(box, 'true');
      await expect(execute(box, await add(box))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
      expect(exists(join(outside, 'dev.json'))).toBe(false);
    }));

  it('follow links within the project, and copy what they lead to', () =>
    withProject({}, async (project) => {
      project.write('secrets/dev.env', 'X=1');
      symlinkSync('secrets/dev.env', join(project.root, '.env'));
      configure(project, "{ copy: ['.env'] }");
      const box = await project.open();
      await shellAI(box, 'echo x > b.txt');
      const { task } = await execute(box, await add(box, { checks: ['test ! -h .env && grep -q X=1 .env'] }));
      expect(task.status).toBe('done');
    }));

  it('are copied only while the user trusts the configuration, who sees them beforehand', () =>
    withProject({}, async (project) => {
      project.write('.env.local', SECRET);
      const text = [
        'version: 1',
        'base: main',
        'workspace:',
        '  ports: 1',
        '  copy:',
        '    - .env.local',
        '  env:',
        '    URL: http://127.0.0.1:{{port}}',
        '  keep: 2d',
      ];
      project.write('.ai/config.yaml', `${text.join('\n')}\n`);
      const box = await project.open();
      await shellAI(box, 'echo "[$PORT$URL]" > b.txt');
      const { task } = await execute(box, await add(box, { checks: ['test ! -e .env.local'] }));
      expect(task.status).toBe('done');
      expect(project.git('show', 'signalbox/integration:b.txt')).toBe('[]');
      const [preview] = previewTrust(projectPaths(project.root, findHome(project.environment)));
      expect(preview?.grants.map(({ line }) => line)).toEqual([4, 5, 6, 7, 8]);
    }));
});

/** Puts a real folder with a file where the committed link was. */
function execFolder(project: Project): void {
  const link = join(project.root, 'config');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  project.git('clean', '-fdq', '--', 'config');
  project.write('config/dev.json', '{}');
  expect(readFileSync(join(link, 'dev.json'), 'utf8')).toBe('{}');
}
