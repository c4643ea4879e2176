import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fixture, openLifeline } from '@signalbox/testkit';
import { findMarked } from '../../src/index.js';
import { allLines, lineWith, WAYS, withBench } from './helpers.js';

const node = process.execPath;

for (const { way, use } of WAYS) {
  describe(`a spawned child, ${way}`, () => {
    it('gets the given environment and the marker, and nothing else', () =>
      withBench(async ({ runner, base }) => {
        const child = await runner.spawn({ ...base, argv: ['env'], stdin: 'ignore' });
        const names = (await allLines(child)).map((line) => line.text.split('=')[0]).sort();
        expect(names).toEqual(['PATH', 'SIGNALBOX_AI', 'SIGNALBOX_ATTEMPT']);
        expect(await child.exited).toEqual({ code: 0, signal: null, stopped: null });
        expect(child.startedAt).not.toBe('');
      }, use));

    it('gives the lines of both outputs and keeps the tail of the errors', () =>
      withBench(async ({ runner, base }) => {
        const script = 'printf "one\\ntwo\\r\\n"; printf "bad\\nworse" >&2; exit 3';
        const child = await runner.spawn({ ...base, argv: ['sh', '-c', script], stdin: 'ignore' });
        const lines = await allLines(child);
        expect(lines.filter((line) => line.stream === 'out').map((line) => line.text)).toEqual(['one', 'two']);
        expect(lines.filter((line) => line.stream === 'err')).toEqual([
          { stream: 'err', text: 'bad' },
          { stream: 'err', text: 'worse', cut: 'half' },
        ]);
        expect(child.errorTail()).toBe('bad\nworse');
        expect((await child.exited).code).toBe(3);
      }, use));

    it('marks the half line of a child that crashed', () =>
      withBench(async ({ runner, base }) => {
        const child = await runner.spawn({ ...base, argv: [node, fixture('half-line.mjs')], stdin: 'ignore' });
        expect(await allLines(child)).toEqual([
          { stream: 'out', text: '{"whole":true}' },
          { stream: 'out', text: '{"half":', cut: 'half' },
        ]);
        expect((await child.exited).signal).toBe('SIGKILL');
      }, use));

    it('loses nothing of a flood, whatever the pace of the reader', () =>
      withBench(async ({ runner, base }) => {
        const child = await runner.spawn({ ...base, argv: [node, fixture('floods.mjs'), '12000'], stdin: 'ignore' });
        let count = 0;
        for await (const line of child.lines()) {
          expect(line.text.startsWith(String(count))).toBe(true);
          count++;
          if (count % 4000 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        expect(count).toBe(12_000);
      }, use));

    it('reads what we write, and does not mind that the child has closed its input', () =>
      withBench(async ({ runner, base }) => {
        const child = await runner.spawn({ ...base, argv: ['sh', '-c', 'read a; echo "got $a"'], stdin: 'pipe' });
        child.stdin?.write('hello\n');
        expect((await allLines(child)).map((line) => line.text)).toEqual(['got hello']);
        await child.gone;
        child.stdin?.write('too late\n');
      }, use));

    it('writes to a file when asked to, and tells its tail', () =>
      withBench(async ({ runner, base, dir }) => {
        const outputFile = join(dir.path, 'out.log');
        const argv = ['sh', '-c', 'echo out; echo err >&2'];
        const child = await runner.spawn({ ...base, argv, stdin: 'ignore', outputFile });
        expect((await allLines(child)).map((line) => line.text)).toEqual(['out', 'err']);
        expect(readFileSync(outputFile, 'utf8')).toBe('out\nerr\n');
        expect(child.errorTail()).toBe('out\nerr\n');
      }, use));

    it('is refused with a reason when it cannot start', () =>
      withBench(async ({ runner, base }) => {
        const missing = runner.spawn({ ...base, argv: ['no-such-program-x'], stdin: 'ignore' });
        await expect(missing).rejects.toMatchObject({ code: 'SPAWN_FAILED', hint: expect.stringContaining('PATH') });
        const nowhere = runner.spawn({ ...base, cwd: '/no/such/folder', argv: ['env'], stdin: 'ignore' });
        await expect(nowhere).rejects.toMatchObject({ hint: expect.stringContaining('/no/such/folder') });
        await expect(runner.spawn({ ...base, argv: [], stdin: 'ignore' })).rejects.toMatchObject({
          code: 'SPAWN_FAILED',
        });
        const marker = { attempt: 'two words', ai: 'x' };
        await expect(runner.spawn({ ...base, marker, argv: ['env'], stdin: 'ignore' })).rejects.toMatchObject({
          code: 'INVALID_MARKER',
        });
      }, use));

    it('is refused after the runner was closed', () =>
      withBench(async ({ runner, base }) => {
        await runner.close();
        await expect(runner.spawn({ ...base, argv: ['env'], stdin: 'ignore' })).rejects.toMatchObject({
          code: 'RUNNER_CLOSED',
        });
      }, use));
  });

  describe(`the end of a child, ${way}`, () => {
    it('is the end of what it left in another session', () =>
      withBench(async ({ runner, base }) => {
        const lifeline = await openLifeline();
        try {
          const environment = { ...base.environment, SIGNALBOX_TEST_LIFELINE: lifeline.path };
          const argv = ['sh', '-c', `"${node}" "${fixture('leaves-grandchildren.mjs')}"; read line`];
          const child = await runner.spawn({ ...base, environment, argv, stdin: 'pipe' });
          const left = await lifeline.next();
          child.stdin?.end('go\n');
          await child.gone;
          await left.ended;
          expect(findMarked(base.marker.attempt)).toEqual([]);
        } finally {
          await lifeline.close();
        }
      }, use));

    it('ends the lines even if a process that hid its marker holds the pipe', () =>
      withBench(async ({ runner, base }) => {
        const lifeline = await openLifeline();
        try {
          const environment = { ...base.environment, SIGNALBOX_TEST_LIFELINE: lifeline.path };
          const argv = [node, fixture('leaves-grandchildren.mjs'), '--inherit', '--unmarked'];
          const child = await runner.spawn({ ...base, environment, argv, stdin: 'ignore' });
          const lines = await allLines(child);
          expect(lines).toHaveLength(1);
          const stranger = await lifeline.next();
          process.kill(stranger.pid, 'SIGKILL');
          await stranger.ended;
        } finally {
          await lifeline.close();
        }
      }, use));

    it('does not touch a sibling with the same marker', () =>
      withBench(async ({ runner, base }) => {
        const first = await runner.spawn({ ...base, argv: ['cat'], stdin: 'pipe' });
        const second = await runner.spawn({ ...base, argv: ['true'], stdin: 'ignore' });
        await second.gone;
        first.stdin?.end('still here\n');
        expect((await allLines(first))[0]?.text).toBe('still here');
        expect((await first.exited).code).toBe(0);
      }, use));
  });

  describe(`stop, ${way}`, () => {
    it('ends a willing child by SIGINT and tells why it was stopped', () =>
      withBench(async ({ runner, base, clock }) => {
        const child = await runner.spawn({ ...base, argv: ['sleep', '600'], stdin: 'ignore' });
        await child.stop('enough');
        await child.stop('again');
        expect(await child.exited).toEqual({ code: null, signal: 'SIGINT', stopped: 'enough' });
        expect(clock.pending()).toBe(0);
      }, use));

    it('goes down the ladder with a grace between the steps', () =>
      withBench(async ({ runner, base, clock }) => {
        const child = await runner.spawn({ ...base, argv: [node, fixture('ignores-sigterm.mjs')], stdin: 'ignore' });
        const lines = child.lines()[Symbol.asyncIterator]();
        const nextText = async () => (await lines.next()).value?.text;
        expect(await nextText()).toBe('ready');
        const stopped = child.stop('enough');
        expect(await nextText()).toBe('ignored SIGINT');
        await clock.advance(2000);
        expect(await nextText()).toBe('ignored SIGTERM');
        await clock.advance(2000);
        await stopped;
        expect((await child.exited).signal).toBe('SIGKILL');
      }, use));

    it('comes with the closing of the runner', () =>
      withBench(async ({ runner, base }) => {
        const child = await runner.spawn({ ...base, argv: ['sh', '-c', 'echo up; exec sleep 600'], stdin: 'ignore' });
        await lineWith(child, 'up');
        await runner.close();
        expect((await child.exited).stopped).toContain('closed');
      }, use));
  });
}
