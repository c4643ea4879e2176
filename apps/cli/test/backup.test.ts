import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { Task } from '@signalbox/runtime/project';
import { type Project, withProject } from './support/project.js';

const refusal = async (project: Project, ...argv: string[]): Promise<unknown[]> => {
  const { exitCode, stdout, stderr } = await project.run([...argv, '--json']);
  return [exitCode, stdout, JSON.parse(stderr).error.code];
};

describe('signalbox backup create', () => {
  it('copies the state and says what it holds', () =>
    withProject({}, async (project) => {
      await project.add('One');
      const made = await project.ask<{ folder: string; files: number }>('backup', 'create');
      expect(made).toMatchObject({ keys: false, files: 1, ledger: { size: expect.any(Number) } });
      expect(made.folder).toContain(join(project.root, '.ai/backups/'));
      const { stdout } = await project.run(['backup', 'create', join(project.place, 'copy'), '--with-keys']);
      expect(stdout).toContain('Backed up to ');
      expect(stdout).toMatch(/The private keys are in it/);
      expect(await refusal(project, 'backup', 'create', join(project.place, 'copy'))).toEqual([4, '', 'BACKUP_EXISTS']);
      const environment = { ...project.environment, SIGNALBOX_ATTEMPT: 'att_1', SIGNALBOX_AI: 'sh' };
      expect((await project.run(['backup', 'create'], { environment })).exitCode).toBe(5);
    }));
});

describe('signalbox backup verify', () => {
  it('says whether a copy is whole, also far from any project', () =>
    withProject({}, async (project) => {
      await project.add('One');
      const { folder } = await project.ask<{ folder: string }>('backup', 'create', join(project.place, 'copy'));
      expect(await project.ask('backup', 'verify', folder)).toMatchObject({ ok: true, ledger: { integrity: true } });
      const away = { cwd: '/', environment: {} };
      const key = readFileSync(join(project.root, '.ai/ledger.pub'), 'utf8').trim();
      const told = await project.run(['backup', 'verify', folder, '--key', key], away);
      expect(told).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('The backup is whole') });
      expect((await project.run(['backup', 'verify', folder], away)).stdout).toContain('No key was given');
      appendFileSync(join(folder, 'signalbox.db'), 'x');
      const damaged = await project.run(['backup', 'verify', folder]);
      expect(damaged).toMatchObject({ exitCode: 7, stdout: expect.stringContaining('signalbox.db is not as it was') });
      rmSync(join(folder, 'manifest.json'));
      expect(await refusal(project, 'backup', 'verify', folder)).toEqual([7, '', 'BACKUP_DAMAGED']);
      expect(await refusal(project, 'backup', 'verify', 'nowhere')).toEqual([3, '', 'NOT_FOUND']);
      expect(await refusal(project, 'backup', 'verify', 'README.md')).toEqual([2, '', 'USAGE']);
    }));
});

describe('signalbox backup restore', () => {
  it('brings the state back, and keeps the one before', () =>
    withProject({}, async (project) => {
      const one = await project.add('One');
      const { folder } = await project.ask<{ folder: string }>('backup', 'create');
      const two = await project.add('Two');
      await project.ask('audit', 'checkpoint');
      const result = await project.ask<{ kept: string }>('backup', 'restore', folder, '--yes');
      expect(result).toMatchObject({ requeued: [], anchored: true, replaced: { size: expect.any(Number) } });
      const { tasks } = await project.ask<{ tasks: Task[] }>('task', 'list');
      expect(tasks.map(({ id }) => id)).toEqual([one.id]);
      expect((await project.run(['task', 'show', two.id])).exitCode).toBe(3);
      expect(existsSync(join(result.kept, 'signalbox.db'))).toBe(true);
      expect(await project.ask('audit', 'verify')).toMatchObject({ ok: true, completeness: 'proven' });
      expect((await project.run(['doctor'])).stdout).toContain('before-restore');
    }));

  it('asks first, and changes nothing without an answer', () =>
    withProject({}, async (project) => {
      await project.add('One');
      const { folder } = await project.ask<{ folder: string }>('backup', 'create', join(project.place, 'copy'));
      await project.add('Two');
      await project.ask('audit', 'checkpoint');
      const before = readdirSync(join(project.root, '.ai')).sort();
      expect(await refusal(project, 'backup', 'restore', folder)).toEqual([2, '', 'USAGE']);
      const answer = (text: string) => ({ isTerminal: true, stdin: Readable.from([text]) });
      const no = await project.run(['backup', 'restore', folder], answer('n\n'));
      expect(no.exitCode).toBe(2);
      expect(no.stderr).toMatch(/The anchor in git knows \d+ entries[\s\S]*Restore it\? \[y\/N\]/);
      const gone = new AbortController();
      gone.abort();
      const stopped = await project.run(['backup', 'restore', folder], { ...answer(''), signal: gone.signal });
      expect(stopped.exitCode).toBe(130);
      expect(readdirSync(join(project.root, '.ai')).sort()).toEqual(before);
      const yes = await project.run(['backup', 'restore', folder], answer('y\n'));
      expect(yes).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/^Restored .*The state before is kept/s),
      });
    }));

  it('says which tasks were held, and where no git is that there is no anchor', () =>
    withProject({ git: false, init: false }, async (project) => {
      await project.ask('init', '--root', project.root);
      const { id } = await project.add('One');
      await project.ask('task', 'claim', id, '--as', 'ana');
      const { folder } = await project.ask<{ folder: string }>('backup', 'create', '--with-keys');
      const { stdout } = await project.run(['backup', 'restore', folder, '--yes']);
      expect(stdout).toContain(`Queued again: ${id}.`);
      expect(stdout).toContain('there is no anchor');
      rmSync(join(project.root, '.ai/state'), { recursive: true });
      const [kept] = readdirSync(join(project.root, '.ai')).filter((name) => name.startsWith('state.before'));
      expect(await refusal(project, 'task', 'list')).toEqual([7, '', 'RESTORE_INTERRUPTED']);
      rmSync(join(project.root, '.ai', String(kept)), { recursive: true });
      const again = await project.run(['backup', 'restore', folder, '--yes']);
      expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('with the keys of the backup') });
      expect((await project.ask<Task>('task', 'show', id)).status).toBe('queued');
    }));
});
