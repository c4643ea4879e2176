import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createGit } from '../src/git/git.js';
import { createPrivateGit } from '../src/git/private-git.js';
import { readHead } from '../src/git/read-head.js';
import { createSnapshots } from '../src/git/snapshot.js';

const environment = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
let place: string;
let top: string;

const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.invalid', ...args], {
    ...{ cwd: folder, env: environment, encoding: 'utf8' },
  }).trim();

function makeRepository(folder: string): string {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '-q', '-b', 'größe');
  writeFileSync(join(folder, 'a.txt'), 'a\n');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', 'a');
  return git(folder, 'rev-parse', 'HEAD');
}

async function openSnapshots() {
  const own = mkdtempSync(join(place, 'own-'));
  const base = git(top, 'rev-parse', 'HEAD');
  const common = join(top, '.git');
  const main = createGit(top, environment);
  const looking = await createPrivateGit({ folder: top, common, place: own, base, main, environment });
  return createSnapshots(looking, base, own);
}

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'signalbox-nested-'));
  top = join(place, 'top');
  makeRepository(top);
});

afterEach(() => rmSync(place, { recursive: true, force: true }));

describe('snapshots of a folder with a repository in it', () => {
  it('take its commit and run nothing that is configured there, however often they are taken', async () => {
    const ran = join(place, 'ran');
    const inner = join(top, 'inner');
    const snapshots = await openSnapshots();
    await snapshots.take();
    makeRepository(inner);
    git(inner, 'config', 'filter.x.clean', `touch ${ran}; cat`);
    writeFileSync(join(inner, '.gitattributes'), '*.txt filter=x\n');
    for (const text of ['b', 'c']) {
      writeFileSync(join(inner, 'a.txt'), `${text}\n`);
      const tree = await snapshots.take();
      expect(git(top, 'rev-parse', `${tree}:inner`)).toBe(git(inner, 'rev-parse', 'HEAD'));
    }
    expect(existsSync(ran)).toBe(false);
    git(inner, 'commit', '-q', '--allow-empty', '-m', 'b');
    const moved = await snapshots.take();
    expect(git(top, 'rev-parse', `${moved}:inner`)).toBe(git(inner, 'rev-parse', 'HEAD'));
  });

  it('see that a file has taken its place', async () => {
    makeRepository(join(top, 'inner'));
    const snapshots = await openSnapshots();
    await snapshots.take();
    rmSync(join(top, 'inner'), { recursive: true });
    writeFileSync(join(top, 'inner'), 'a file\n');
    const tree = await snapshots.take();
    expect(git(top, 'show', `${tree}:inner`)).toBe('a file');
  });
});

describe('the commit that is checked out', () => {
  it('is read from its branch, packed or not, and from a detached HEAD', () => {
    const commit = git(top, 'rev-parse', 'HEAD');
    expect(readHead(top)).toBe(commit);
    git(top, 'pack-refs', '--all');
    expect(readHead(top)).toBe(commit);
    git(top, 'checkout', '-q', '--detach');
    expect(readHead(top)).toBe(commit);
  });

  it('is read where a file leads to the git folder', () => {
    const beside = join(place, 'beside');
    mkdirSync(beside);
    writeFileSync(join(beside, '.git'), `gitdir: ../top/.git\n`);
    expect(readHead(beside)).toBe(git(top, 'rev-parse', 'HEAD'));
  });

  it.each([
    ['', 'nothing'],
    ['ref: ../../HEAD', 'a name outside of the refs'],
    ['ref: refs/heads/../../HEAD', 'a name that leads out of the refs'],
    ['ref: refs/heads/loop', 'a name that stands for itself'],
    ['--output=x', 'no id'],
  ])('is not taken from %j, which is %s', (text) => {
    writeFileSync(join(top, '.git', 'HEAD'), text);
    writeFileSync(join(top, '.git', 'refs', 'heads', 'loop'), 'ref: refs/heads/loop\n');
    expect(readHead(top)).toBeNull();
  });

  it('is not waited for where a pipe is in its place', () => {
    rmSync(join(top, '.git', 'HEAD'));
    execFileSync('mkfifo', [join(top, '.git', 'HEAD')]);
    expect(readHead(top)).toBeNull();
    expect(readHead(place)).toBeNull();
  });
});
