import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { fixture, realClaude } from '../src/index.js';

const run = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });

describe('the fixture programs', () => {
  it('flood their reader', () => {
    const { stdout, status } = run(fixture('floods.mjs'), '300');
    expect([stdout.length, status]).toEqual([300 * 1024, 0]);
  });

  it('die in the middle of a line', () => {
    const { stdout, signal } = run(fixture('half-line.mjs'));
    expect([stdout, signal]).toEqual(['{"whole":true}\n{"half":', 'SIGKILL']);
  });
});

describe('the real claude program', () => {
  it('is the one that the environment names', () => {
    expect(realClaude({ SIGNALBOX_TEST_CLAUDE: process.execPath })).toBe(process.execPath);
  });

  it('is an error when the environment names a file that is not there', () => {
    expect(() => realClaude({ SIGNALBOX_TEST_CLAUDE: '/nowhere/claude' })).toThrow('/nowhere/claude');
  });

  it('is looked for in the repository, and may be absent', () => {
    const found = realClaude({});
    expect(found === null || found.endsWith('/claude')).toBe(true);
  });
});
