import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTempDir, type TempDir } from '@signalbox/testkit';
import { createFilesCollector, createListingDiffCollector, takeListing } from '../../src/evidence/collectors/index.js';
import { type Collecting, createCollecting, SECRET } from './collecting.js';

let folder: TempDir;
let store: TempDir;
let collecting: Collecting;
beforeEach(() => {
  folder = createTempDir();
  store = createTempDir();
  collecting = createCollecting(folder.path, store.path, { tree: 'aaaa' });
});
afterEach(() => {
  folder.remove();
  store.remove();
});

const write = (path: string, content: string | Uint8Array): string => {
  const full = join(folder.path, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, content);
  return full;
};

describe('the collector of files', () => {
  const matches = (path: string): boolean => path.endsWith('.md');

  it('keeps what matches, redacted, binary files too', async () => {
    write('b/report.md', `it is ${SECRET}\n`);
    write('a.md', Buffer.concat([Buffer.from([255, 0]), Buffer.from(SECRET), Buffer.from([254])]));
    write('node_modules/x.md', 'x');
    write('.GIT/x.md', 'x');
    write('c.txt', 'x');
    symlinkSync('a.md', join(folder.path, 'link.md'));
    const drafts = await collecting.collect(createFilesCollector({ matches }));
    expect(drafts.map(({ summary }) => summary['path'])).toEqual(['a.md', 'b/report.md']);
    expect(drafts[1]).toMatchObject({ kind: 'artefact', grade: 'observed', summary: { redacted: true, bytes: 28 } });
    for (const draft of drafts) expect(await collecting.contentOf(draft)).not.toContain(SECRET);
    const bytes = await collecting.blobs.get(drafts[0]?.digest ?? 'sha256:');
    expect([bytes[0], bytes[1], bytes.at(-1)]).toEqual([255, 0, 254]);
  });

  it('refuses too many files and too large ones', async () => {
    write('a.md', '12345');
    write('b.md', '1');
    await expect(collecting.collect(createFilesCollector({ matches, maxFiles: 1 }))).rejects.toMatchObject({
      code: 'COLLECT_FAILED',
    });
    await expect(collecting.collect(createFilesCollector({ matches, maxBytes: 4 }))).rejects.toMatchObject({
      code: 'COLLECT_FAILED',
    });
    const named = await collecting.collect(
      createFilesCollector({ matches, kind: 'log', origin: 'agent', skip: (path) => path === 'b.md' }),
    );
    expect(named.map(({ kind, grade }) => [kind, grade])).toEqual([['log', 'claimed']]);
  });

  it('does not go down for ever', async () => {
    write(`${'d/'.repeat(210)}x.md`, 'x');
    await expect(collecting.collect(createFilesCollector({ matches }))).rejects.toMatchObject({
      code: 'COLLECT_FAILED',
    });
    const gone = createCollecting(join(folder.path, 'nowhere'), store.path);
    await expect(gone.collect(createFilesCollector({ matches }))).rejects.toMatchObject({ code: 'COLLECT_FAILED' });
  });
});

describe('the comparison of listings', () => {
  it('finds what was added, changed, moved and deleted in a folder without a repository', async () => {
    const path = write('same', 'same');
    write('edit', 'before');
    write('twin/one', 'twin');
    write('twin/two', 'twin');
    write('gone', 'gone');
    symlinkSync('edit', join(folder.path, 'link'));
    const before = await takeListing(folder.path);
    expect(await collecting.collect(createListingDiffCollector({ before }))).toEqual([]);
    write('edit', 'behind');
    write('added', 'new');
    write('empty', '');
    chmodSync(path, 0o755);
    rmSync(join(folder.path, 'gone'));
    rmSync(join(folder.path, 'twin', 'one'));
    write('moved', 'twin');
    rmSync(join(folder.path, 'link'));
    symlinkSync('same', join(folder.path, 'link'));
    execFileSync('mkfifo', [join(folder.path, 'pipe')]);
    const [draft] = await collecting.collect(createListingDiffCollector({ before }));
    expect(draft).toMatchObject({ kind: 'diff', producer: 'signalbox/listing-diff', grade: 'observed' });
    expect(draft?.summary).toMatchObject({ files: 7, applicable: false });
    expect(draft?.summary['changes']).toEqual([
      { path: 'added', status: 'added' },
      { path: 'edit', status: 'modified' },
      { path: 'empty', status: 'added' },
      { path: 'gone', status: 'deleted' },
      { path: 'link', status: 'modified' },
      { path: 'moved', status: 'renamed', from: 'twin/one' },
      { path: 'same', status: 'modified' },
    ]);
    const lines = (await collecting.contentOf(draft))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[6]).toMatchObject({ before: { mode: '100644', size: 4 }, after: { mode: '100755' } });
    expect(statSync(path).mode & 0o777).toBe(0o755);
  });

  it('refuses a folder with too many files, and lists only so many', async () => {
    await expect(takeListing(folder.path, { maxFiles: 0 })).resolves.toEqual(new Map());
    for (let i = 0; i < 1_003; i++) write(`f${i}`, String(i));
    await expect(takeListing(folder.path, { maxFiles: 10 })).rejects.toMatchObject({ code: 'COLLECT_FAILED' });
    const [draft] = await collecting.collect(createListingDiffCollector({ before: new Map() }));
    expect(draft?.summary['unlisted']).toBe(3);
  });
});
