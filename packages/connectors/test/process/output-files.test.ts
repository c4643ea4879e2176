import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createTempDir, fixture } from '@signalbox/testkit';
import { followFiles } from '../../src/process/file-lines.js';
import { allLines, lineWith, WAYS, withBench } from './helpers.js';

for (const { way, use } of WAYS) {
  describe(`a child whose outputs go to files, ${way}`, () => {
    it('gives its lines while it runs, each with its stream', () =>
      withBench(async ({ runner, base, dir }) => {
        const files = { outputFile: join(dir.path, 'out'), errorFile: join(dir.path, 'err') };
        writeFileSync(files.outputFile, 'of another run\n');
        const argv = ['sh', '-c', 'echo one; read line; echo "$line"; printf bad >&2'];
        const child = await runner.spawn({ ...base, argv, stdin: 'pipe', ...files });
        const lines = child.lines()[Symbol.asyncIterator]();
        expect((await lines.next()).value).toEqual({ stream: 'out', text: 'one' });
        child.stdin?.end('two\n');
        expect((await lines.next()).value).toEqual({ stream: 'out', text: 'two' });
        expect((await lines.next()).value).toEqual({ stream: 'err', text: 'bad', cut: 'half' });
        expect((await lines.next()).done).toBe(true);
        expect(child.errorTail()).toBe('bad');
        expect(readFileSync(files.outputFile, 'utf8')).toBe('of another run\none\ntwo\n');
      }, use));

    it('is not slowed by a reader that waits, and loses nothing', () =>
      withBench(async ({ runner, base, dir }) => {
        const argv = [process.execPath, fixture('floods.mjs'), '12000'];
        const child = await runner.spawn({ ...base, argv, stdin: 'ignore', outputFile: join(dir.path, 'out') });
        expect((await child.exited).code).toBe(0);
        const lines = await allLines(child);
        expect(lines).toHaveLength(12_000);
        expect(lines.every((line, index) => line.text.startsWith(String(index)))).toBe(true);
      }, use));

    it('may be left alone by its reader', () =>
      withBench(async ({ runner, base, dir }) => {
        const argv = ['sh', '-c', 'echo first; exec sleep 600'];
        const child = await runner.spawn({ ...base, argv, stdin: 'ignore', outputFile: join(dir.path, 'out') });
        expect((await lineWith(child, 'first')).text).toBe('first');
        await child.stop('enough');
      }, use));
  });
}

describe('following a file', () => {
  it('joins a line from what comes piece by piece, and ends where the file does', async () => {
    const dir = createTempDir();
    const path = join(dir.path, 'out');
    writeFileSync(path, '');
    const following = followFiles([{ stream: 'out', path }]);
    const lines = following.lines()[Symbol.asyncIterator]();
    appendFileSync(path, 'a');
    const first = lines.next();
    for (let looks = 0; looks < 100; looks++) await new Promise((resolve) => setImmediate(resolve));
    appendFileSync(path, 'b\nc\nd');
    expect((await first).value).toEqual({ stream: 'out', text: 'ab' });
    expect((await lines.next()).value).toEqual({ stream: 'out', text: 'c' });
    const last = lines.next();
    following.finish();
    expect((await last).value).toEqual({ stream: 'out', text: 'd', cut: 'half' });
    expect((await lines.next()).done).toBe(true);
    expect((await lines.next()).done).toBe(true);
    dir.remove();
  });
});
