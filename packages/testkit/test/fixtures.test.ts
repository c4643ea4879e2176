import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { fixture, realAcpAgent, realClaude, realCodex } from '../src/index.js';

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

describe.each([
  ['claude', realClaude, 'SIGNALBOX_TEST_CLAUDE'],
  ['codex', realCodex, 'SIGNALBOX_TEST_CODEX'],
  ['claude-agent-acp', realAcpAgent, 'SIGNALBOX_TEST_ACP'],
] as const)('the real %s program', (name, find, variable) => {
  it('is the one that the environment names', () => {
    expect(find({ [variable]: process.execPath })).toBe(process.execPath);
  });

  it('is an error when the environment names a file that is not there', () => {
    expect(() => find({ [variable]: '/nowhere/it' })).toThrow('/nowhere/it');
  });

  it('is looked for in the repository, and may be absent', () => {
    const found = find({});
    expect(found === null || found.endsWith(`/${name}`)).toBe(true);
  });
});
