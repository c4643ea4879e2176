import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { type Project, shellAI, withProject } from './support/project.js';

/** A project with one task whose attempt failed and left its worktree. */
async function withLeft(test: (project: Project, task: string) => Promise<void>): Promise<void> {
  await withProject({}, async (project) => {
    await shellAI(project, 'echo part > part.txt; exit 3');
    const { id } = await project.add('Leave it', '--check', 'true', '--max-attempts', '3');
    await project.run(['task', 'execute', id]);
    await test(project, id);
  });
}

describe('signalbox workspace', () => {
  it('lists what attempts have left, to a person and to a script', () =>
    withLeft(async (project, task) => {
      const { workspaces } = await project.ask<{ workspaces: { name: string; path: string }[] }>('workspace', 'list');
      expect(workspaces).toMatchObject([
        { name: task, state: 'kept', changes: { files: 1, insertions: 1, deletions: 0 } },
      ]);
      const { stdout } = await project.run(['workspace', 'list'], { columns: 400 });
      expect(stdout).toMatch(/^WORKSPACE +ATTEMPT +STATE +CHANGES +SINCE \(UTC\) +PATH\n/);
      expect(stdout).toContain(`1 file, +1 -0`);
      expect(stdout).toContain(workspaces[0]?.path);
    }));

  it('has none to list where nothing is left', () =>
    withProject({}, async (project) => {
      expect((await project.run(['workspace', 'list'])).stdout).toBe('No workspaces.\n');
      expect((await project.run(['workspace', 'discard', 'tsk_none', '--yes'])).exitCode).toBe(3);
    }));

  it('discards one when a person agrees, and says where its patch is', () =>
    withLeft(async (project, task) => {
      const [{ path = '' } = {}] = (await project.ask<{ workspaces: { path: string }[] }>('workspace', 'list'))
        .workspaces;
      const nobody = await project.run(['workspace', 'discard', task]);
      expect(nobody).toMatchObject({ exitCode: 2, stdout: '' });
      expect(nobody.stderr).toContain('--yes');
      const no = await project.run(['workspace', 'discard', task], { isTerminal: true, stdin: Readable.from(['n\n']) });
      expect(no.exitCode).toBe(2);
      expect(no.stderr).toContain('Discard it? [y/N]');
      expect(existsSync(join(path, 'part.txt'))).toBe(true);
      const yes = await project.run(['workspace', 'discard', task], {
        isTerminal: true,
        stdin: Readable.from(['y\n']),
      });
      expect(yes).toMatchObject({ exitCode: 0 });
      expect(yes.stdout.replace(/\s+/g, ' ')).toContain(`A patch is kept: \`signalbox evidence show ${task}\``);
      expect(existsSync(path)).toBe(false);
      expect(readdirSync(join(path, '..'))).toEqual([]);
      const log = await project.run(['audit', 'log', '--kind', 'workspace.']);
      expect(log.stdout).toContain('workspace.discarded');
    }));

  it('takes a name that is empty for a mistake, and discards nothing', () =>
    withLeft(async (project) => {
      for (const name of ['', ' ']) {
        expect((await project.run(['workspace', 'discard', name, '--yes'])).exitCode).toBe(2);
      }
      expect((await project.run(['workspace', 'discard', 'att', '--yes'])).exitCode).toBe(3);
      expect((await project.ask<{ workspaces: unknown[] }>('workspace', 'list')).workspaces).toHaveLength(1);
    }));
});
