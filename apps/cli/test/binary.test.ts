import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BINARY, runBinary } from './support/binary.js';
import { withProject } from './support/project.js';

describe('the binary', () => {
  it('says the version of its package', () =>
    withProject({ init: false }, async (project) => {
      const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
      expect(await runBinary(project, ['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
    }));

  it('says how to build it when it has not been built', () =>
    withProject({ init: false }, async (project) => {
      const copy = join(project.place, 'package/bin/signalbox.js');
      mkdirSync(join(project.place, 'package/bin'), { recursive: true });
      cpSync(BINARY, copy);
      const child = spawn(process.execPath, [copy], { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (data) => {
        said += data;
      });
      const [code] = await once(child, 'close');
      expect(code).toBe(1);
      expect(said).toContain('npm run build');
    }));

  it('says that its folder is gone, and helps from there all the same', () =>
    withProject({ init: false }, async (project) => {
      const gone = join(project.place, 'gone');
      mkdirSync(gone);
      const script = 'cd "$1" && rmdir "$1" && shift && exec "$@"';
      const inGone = (...argv: string[]) => {
        mkdirSync(gone, { recursive: true });
        const args = ['-c', script, 'sh', gone, process.execPath, BINARY, ...argv];
        const { status, stdout, stderr } = spawnSync('sh', args, { env: project.environment, encoding: 'utf8' });
        return { status, stdout, stderr };
      };
      expect(inGone('status', '--json')).toEqual({
        status: 2,
        stdout: '',
        stderr:
          '{"error":{"code":"USAGE","message":"The folder that you are in does not exist any more.","hint":"Change to one that does."}}\n',
      });
      expect(inGone('status')).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^The folder .*\nChange .*\n$/),
      });
      expect(inGone('task', '--help').status).toBe(0);
    }));

  it('ends quietly when its reader has seen enough', () =>
    withProject({}, async (project) => {
      // More than a pipe holds, so that it must meet the closed end.
      const file = join(project.place, 'long.md');
      project.write(file, 'word '.repeat(40_000));
      const { id } = await project.add('Long', '--file', file);
      const child = spawn(
        'sh',
        ['-c', `"$1" "$2" task show ${id} --json | head -c 10; echo`, 'sh', process.execPath, BINARY],
        {
          cwd: project.root,
          env: project.environment,
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      let printed = '';
      let complained = '';
      child.stdout.on('data', (data) => {
        printed += data;
      });
      child.stderr.on('data', (data) => {
        complained += data;
      });
      await once(child, 'close');
      expect(printed).toMatch(/^\{"id":"tsk\n$/);
      expect(complained).toBe('');
    }));
});
