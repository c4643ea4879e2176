import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createTempDir, createTempRepo, isolatedGitEnvironment } from '../src/index.js';

describe('a temporary folder', () => {
  it('exists under its real path until it is removed', () => {
    const dir = createTempDir('some-prefix-');
    expect(existsSync(dir.path)).toBe(true);
    expect(realpathSync(dir.path)).toBe(dir.path);
    expect(dir.path).toContain('some-prefix-');
    dir.remove();
    dir.remove();
    expect(existsSync(dir.path)).toBe(false);
  });

  it('is removed also while a process still writes to it', async () => {
    const dir = createTempDir();
    // For a while only: nothing can be removed for good from under one that never stops.
    const line = 'mkdir a && echo up && i=0; while [ $i -lt 2000 ] && : > a/$i; do i=$((i+1)); done';
    const writer = spawn('sh', ['-c', line], { cwd: dir.path, stdio: ['ignore', 'pipe', 'ignore'] });
    const gone = once(writer, 'exit');
    await once(writer.stdout, 'data');
    try {
      dir.remove();
      expect(existsSync(dir.path)).toBe(false);
    } finally {
      writer.kill();
      await gone;
      dir.remove();
    }
  });
});

describe('a temporary repository', () => {
  it('holds the given files in one commit on main, with its own author', () => {
    const repo = createTempRepo({ files: { 'src/a.ts': 'export {};\n', 'README.md': '# x\n' } });
    try {
      expect(repo.git('status', '--porcelain')).toBe('');
      expect(repo.git('ls-files').split('\n')).toEqual(['README.md', 'src/a.ts']);
      expect(repo.git('log', '--format=%an %s')).toBe('Test User Start');
      expect(repo.git('branch', '--show-current')).toBe('main');
      repo.write('deep/er/b.txt', 'b');
      expect(readFileSync(join(repo.path, 'deep/er/b.txt'), 'utf8')).toBe('b');
      expect(() => repo.git('no-such-command')).toThrow();
    } finally {
      repo.remove();
    }
  });

  it('leaves files uncommitted when asked to', () => {
    const repo = createTempRepo({ files: { a: '1' }, commit: false });
    try {
      expect(repo.git('status', '--porcelain')).toBe('?? a');
    } finally {
      repo.remove();
    }
  });

  it('sees nothing of the git settings around it', () => {
    const environment = isolatedGitEnvironment({ PATH: '/bin', GIT_DIR: '/elsewhere', GIT_AUTHOR_NAME: 'x' });
    expect(environment).toEqual({
      PATH: '/bin',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
    });
  });
});
