import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isUsableFilter } from '../src/git/filter-programs.js';
import { createGit } from '../src/git/git.js';
import { pathWithout } from '../src/git/program-path.js';

let place: string;
const at = (name: string): string => join(place, name);

function putProgram(name: string): void {
  writeFileSync(at(name), '#!/bin/sh\necho of the tree\n');
  chmodSync(at(name), 0o755);
}

function usable(line: string, path = at('bin')): boolean {
  const checkout = at('checkout');
  return isUsableFilter(line.replaceAll('<>', place), { path, checkout, trees: [checkout, at('worktree')] });
}

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'signalbox-filters-'));
  for (const folder of ['bin', 'checkout', 'checkout/tools', 'worktree']) mkdirSync(at(folder));
  for (const name of [
    'bin/git-lfs',
    'bin/python3.12',
    'bin/npx',
    'checkout/tools/x',
    'worktree/git-lfs',
    'worktree/git',
  ])
    putProgram(name);
  symlinkSync(at('checkout/tools/x'), at('bin/linked'));
  writeFileSync(at('checkout/script'), '');
  mkdirSync(at('checkout/clean'));
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

describe('a filter that may be run on what an agent has written', () => {
  it.each([
    'git-lfs clean -- %f',
    '  git-lfs filter-process ',
    '<>/bin/git-lfs smudge --skip %f',
    'git-lfs --level=3',
    'git-lfs --with /etc/hostname',
  ])('is one like %j', (line) => expect(usable(line)).toBe(true));

  it.each([
    ['./tools/x', 'relative'],
    ['tools/x clean', 'relative'],
    ['../x', 'relative'],
    ['<>/checkout/tools/x', 'of the checkout'],
    ['<>/worktree/git-lfs', 'of the worktree'],
    ['<>/bin/../worktree/git-lfs', 'of the worktree'],
    ['linked', 'a link into the checkout'],
    ['nowhere clean', 'not installed'],
    ['<>/bin/nowhere clean', 'not installed'],
    ['git-lfs script', 'pointed to a file of the checkout'],
    ['git-lfs --with=script', 'pointed to a file of the checkout'],
    ['git-lfs --with <>/worktree/x', 'pointed into the worktree'],
    ['git-lfs --with tools/x', 'pointed to a relative place'],
    ['git-lfs ..', 'pointed to a relative place'],
    ['python3.12 -m nbstripout', 'a program that runs others'],
    ['npx prettier', 'a program that runs others'],
    ['<>/bin/npx prettier', 'a program that runs others'],
    ['X=1 git-lfs', 'more than plain words'],
    ['git-lfs; ./tools/x', 'more than plain words'],
    ['git-lfs "clean"', 'more than plain words'],
    ['git-lfs $(./x)', 'more than plain words'],
    ['git-lfs\n./x', 'more than plain words'],
    ['git-lfs ~/x', 'more than plain words'],
    ['', 'nothing'],
  ])('is not %j: it is %s', (line) => expect(usable(line)).toBe(false));

  it('is the program that PATH has first, and never by an entry that depends on where one is', () => {
    expect(usable('git-lfs clean', [at('bin'), at('worktree')].join(delimiter))).toBe(true);
    expect(usable('git-lfs clean', [at('worktree'), at('bin')].join(delimiter))).toBe(false);
    expect(usable('git-lfs clean', ['', '.', at('bin')].join(delimiter))).toBe(true);
    expect(usable('git-lfs clean', '.')).toBe(false);
  });
});

describe('git of our own', () => {
  it('is not the program of that name in the folder that it looks at', async () => {
    const path = ['.', '', at('worktree'), process.env['PATH']].join(delimiter);
    const git = createGit(at('worktree'), { ...process.env, PATH: path });
    expect(await git.run(['--version'])).toMatch(/^git version/);
    expect(pathWithout(`${place}${delimiter}/usr/bin${delimiter}..`, place)).toBe('/usr/bin');
  });

  it('knows no transport, whatever is configured', async () => {
    const git = createGit(at('worktree'), process.env);
    const ran = at('ran');
    const remote = `ext::touch ${ran}`;
    const { exitCode, stderr } = await git.attempt(['-c', 'protocol.allow=always', 'ls-remote', remote]);
    expect([exitCode, stderr]).toEqual([128, expect.stringContaining("transport 'ext' not allowed")]);
  });
});
