import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTempDir, createTempRepo, isolatedGitEnvironment, type TempDir, type TempRepo } from '@signalbox/testkit';
import { createGitDiffCollector, createTreeDiffCollector, hasRepository } from '../../src/evidence/collectors/index.js';
import { type Collecting, createCollecting, SECRET } from './collecting.js';

let repo: TempRepo;
let other: TempDir;
let base: string;
let collecting: Collecting;
beforeEach(() => {
  repo = createTempRepo({
    files: {
      'a.txt': 'one\ntwo\nthree\n',
      'old name.txt': 'moved\n'.repeat(20),
      'gone.txt': 'x\n',
      '.gitignore': 'ignored/\n',
    },
  });
  other = createTempDir();
  base = repo.git('rev-parse', 'HEAD');
  collecting = createCollecting(repo.path, other.path);
});
afterEach(() => {
  repo.remove();
  other.remove();
});

const file = (...path: string[]): string => join(repo.path, ...path);
const collect = (options: { base?: string | null; maxBytes?: number } = {}) =>
  collecting.collect(createGitDiffCollector({ base, ...options }));

describe('the tree diff collector', () => {
  it('says the same of two trees as the other of the folder, by a git of the caller', async () => {
    writeFileSync(file('a.txt'), 'one\n2\nthree\n');
    repo.git('add', '-A');
    const tree = repo.git('write-tree');
    const show = async (args: readonly string[]) => execFileSync('git', args, { cwd: repo.path });
    const [draft] = await collecting.collect(createTreeDiffCollector({ git: { top: repo.path, show }, base, tree }));
    const [other] = await collect();
    expect(draft).toEqual({ ...other, summary: { ...other?.summary, base } });
  });
});

describe('the git diff collector', () => {
  it('finds nothing where nothing changed', async () => {
    mkdirSync(file('ignored'));
    writeFileSync(file('ignored', 'x'), 'x');
    expect(await collect()).toEqual([]);
  });

  it('sees tracked, untracked, renamed, deleted, binary and linked files, changed modes, and what was committed since', async () => {
    repo.write('a.txt', 'one\n2\nthree\n');
    repo.write('new/deep.txt', 'new\n');
    writeFileSync(file('image.bin'), Buffer.from([0, 1, 2, 255]));
    renameSync(file('old name.txt'), file('new näme.txt'));
    rmSync(file('gone.txt'));
    symlinkSync('/etc/passwd', file('link'));
    repo.git('add', 'a.txt');
    repo.git('commit', '--quiet', '-m', 'The agent commits');
    chmodSync(file('a.txt'), 0o755);
    const before = readdirSync(file('.git', 'objects'));
    const [draft, ...more] = await collect();
    expect(more).toEqual([]);
    expect(draft).toMatchObject({ kind: 'diff', producer: 'signalbox/git-diff', grade: 'observed', task: 'tsk_1' });
    expect(draft?.summary['files']).toBe(6);
    expect(draft?.summary['applicable']).toBeUndefined();
    expect(draft?.summary['changes']).toEqual([
      { path: 'a.txt', status: 'modified', additions: 1, deletions: 1, oldMode: '100644', newMode: '100755' },
      { path: 'gone.txt', status: 'deleted', additions: 0, deletions: 1 },
      { path: 'image.bin', status: 'added', binary: true },
      { path: 'link', status: 'added', additions: 1, deletions: 0 },
      { path: 'new näme.txt', status: 'renamed', from: 'old name.txt', additions: 0, deletions: 0 },
      { path: 'new/deep.txt', status: 'added', additions: 1, deletions: 0 },
    ]);
    // Looking changes nothing: no object and no index.
    expect(readdirSync(file('.git', 'objects'))).toEqual(before);
    expect(repo.git('status', '--porcelain')).toContain('?? image.bin');
  });

  it('keeps a difference that git applies to give the very tree', async () => {
    repo.write('a.txt', 'one\n2\nthree\n');
    writeFileSync(file('image.bin'), Buffer.from([0, 1, 2, 255]));
    renameSync(file('old name.txt'), file('new name.txt'));
    const [draft] = await collect();
    const clone = join(other.path, 'clone');
    const env = isolatedGitEnvironment();
    execFileSync('git', ['clone', '--quiet', repo.path, clone], { env });
    execFileSync('git', ['apply', '--index', '-'], { cwd: clone, env, input: await collecting.contentOf(draft) });
    expect(execFileSync('git', ['write-tree'], { cwd: clone, env }).toString().trim()).toBe(draft?.tree);
  });

  it('runs nothing that the repository configures', async () => {
    const mark = join(other.path, 'ran');
    for (const name of [
      'core.fsmonitor',
      'diff.external',
      'filter.evil.clean',
      'diff.evil.textconv',
      'diff.evil.command',
    ]) {
      repo.git('config', name, `touch ${mark}; cat`);
    }
    repo.git('config', 'core.hooksPath', other.path);
    repo.write('.gitattributes', '*.txt filter=evil diff=evil\na.txt -diff\n');
    repo.write('a.txt', 'changed\n');
    const [draft] = await collect();
    expect(() => readFileSync(mark)).toThrow('ENOENT');
    expect(await collecting.contentOf(draft)).toContain('+changed');
  });

  it('marks a difference that held a secret, in a text, a name or a binary file', async () => {
    repo.write('a.txt', `password ${SECRET}\n`);
    const [text] = await collect();
    expect(text?.summary).toMatchObject({ redacted: true, applicable: false });
    expect(await collecting.contentOf(text)).not.toContain(SECRET);
    writeFileSync(file('image.bin'), Buffer.concat([Buffer.from([0, 255]), Buffer.from(SECRET)]));
    repo.write('a.txt', 'no secret\n');
    repo.write(`${SECRET}.txt`, 'x');
    const [binary] = await collect();
    expect(binary?.summary).toMatchObject({
      applicable: false,
      binariesLeftOut: true,
      binariesWithSecrets: ['image.bin'],
    });
    expect(JSON.stringify(binary)).not.toContain(SECRET);
    expect(await collecting.contentOf(binary)).toContain('Binary files /dev/null and b/image.bin differ');
  });

  it('names a difference that is too large, and lists only so many files', async () => {
    for (let i = 0; i < 1_005; i++) repo.write(`many/${i}.txt`, `${i}\n`);
    const [draft] = await collect({ maxBytes: 500 });
    expect(draft?.summary).toMatchObject({ files: 1_005, unlisted: 5, tooLarge: true, applicable: false });
    expect(draft?.summary['changes']).toHaveLength(1_000);
    expect(await collecting.contentOf(draft)).toBe('The difference is too large to be kept here.\n');
  });

  it('works in a repository without a commit, and of SHA-256', async () => {
    repo.git('init', '--quiet', '--object-format=sha256', '--initial-branch=main', file('ignored', 'fresh'));
    writeFileSync(file('ignored', 'fresh', 'x.txt'), 'x\n');
    const fresh = createCollecting(file('ignored', 'fresh'), other.path);
    const [draft] = await fresh.collect(createGitDiffCollector({ base: null }));
    expect(draft?.summary['changes']).toEqual([{ path: 'x.txt', status: 'added', additions: 1, deletions: 0 }]);
    expect(draft?.tree).toMatch(/^[0-9a-f]{64}$/);
  });

  it('looks into submodules and other repositories within', async () => {
    const library = createTempRepo({ files: { 'lib.txt': 'lib\n' } });
    const nested = createTempRepo({ files: { 'inner.txt': 'inner\n' } });
    try {
      repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.path, 'libs/one');
      repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.path, 'libs/two');
      repo.git('commit', '--quiet', '-m', 'Submodules');
      base = repo.git('rev-parse', 'HEAD');
      expect(await collect()).toEqual([]);
      repo.write('libs/one/lib.txt', 'changed\n');
      rmSync(file('libs', 'two'), { recursive: true });
      mkdirSync(file('libs', 'two')); // as a submodule that is not checked out
      renameSync(nested.path, file('nested'));
      const drafts = await collect();
      expect(drafts.map(({ summary }) => [summary['submodule'] ?? '', summary['changes']])).toEqual([
        ['', [{ path: 'nested', status: 'added', additions: 1, deletions: 0 }]],
        ['libs/one', [{ path: 'lib.txt', status: 'modified', additions: 1, deletions: 1 }]],
        ['nested', [{ path: 'inner.txt', status: 'added', additions: 1, deletions: 0 }]],
      ]);
      repo.git(
        '-C',
        file('libs', 'one'),
        '-c',
        'user.name=x',
        '-c',
        'user.email=x@y',
        'commit',
        '--quiet',
        '-am',
        'In it',
      );
      const [moved, within] = await collect();
      expect(moved?.summary['files']).toBe(2);
      expect(within?.summary['changes']).toEqual([{ path: 'lib.txt', status: 'modified', additions: 1, deletions: 1 }]);
    } finally {
      library.remove();
      nested.remove();
    }
  });

  it('says what it cannot look at', async () => {
    await expect(collect({ base: 'f'.repeat(40) })).rejects.toMatchObject({ code: 'COLLECT_FAILED' });
    await expect(collect({ base: '--output=x' })).rejects.toMatchObject({ code: 'COLLECT_FAILED' });
    repo.git('init', '--quiet', file('empty')); // git adds no repository without a commit
    await expect(collect()).rejects.toMatchObject({
      code: 'COLLECT_FAILED',
      message: expect.stringContaining('git add'),
    });
    const outside = createCollecting(other.path, other.path);
    await expect(outside.collect(createGitDiffCollector({ base }))).rejects.toMatchObject({
      message: 'The folder is in no git repository.',
    });
    expect(await hasRepository(other.path)).toBe(false);
    expect(await hasRepository(repo.path)).toBe(true);
    writeFileSync(file('.git', 'config'), '[core\n');
    await expect(hasRepository(repo.path)).rejects.toMatchObject({ code: 'COLLECT_FAILED' });
  });

  it('stops when it is told to', async () => {
    const stopped = createCollecting(repo.path, other.path, { signal: AbortSignal.abort(new Error('stop')) });
    await expect(stopped.collect(createGitDiffCollector({ base }))).rejects.toThrow('stop');
  });
});
