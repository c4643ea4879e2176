import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fixture, openLifeline } from '@signalbox/testkit';
import { findMarked, sandboxed } from '../../src/index.js';
import { allLines, lineWith, WAYS } from './helpers.js';
import { whySkipped, withSandbox } from './sandbox-bench.js';

if (whySkipped !== null) {
  console.log(`No sandbox works here (${whySkipped}): its tests are left out.`);
  describe('processes in a sandbox', () => {
    it('are not tested here', () => expect(whySkipped).not.toBeNull());
  });
}

/** Fails in time, so that what the test has started is ended and does not keep the whole run waiting. */
async function within<T>(ms: number, event: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came within ${ms} ms`)), ms);
  });
  return Promise.race([event, late]).finally(() => clearTimeout(timer));
}

// A table of `each` must not be empty, and one way is enough to say nothing.
const describeWays = whySkipped === null ? describe.each(WAYS) : () => {};

describeWays('a process in a sandbox, $way', ({ use }: (typeof WAYS)[number]) => {
  const node = (script: string): string[] => [process.execPath, '-e', script];

  it('ends with its own exit code, or its own signal', () =>
    withSandbox(async ({ held, base }) => {
      const run = (script: string) => held.run({ ...base, argv: ['sh', '-c', script], timeoutMs: 20_000 });
      expect(await run('exit 7')).toMatchObject({ code: 7, signal: null });
      expect(await run('kill -SEGV $$')).toMatchObject({ code: null, signal: 'SIGSEGV' });
      expect(await run('kill -KILL $$')).toMatchObject({ code: null, signal: 'SIGKILL' });
      expect(await run('exit 255')).toMatchObject({ code: 255, signal: null });
      const child = await held.spawn({ ...base, argv: ['sh', '-c', 'kill -ABRT $$'], stdin: 'ignore' });
      expect(await child.exited).toEqual({ code: null, signal: 'SIGABRT', stopped: null });
    }, use));

  it('is told by SIGINT to end, and ends in its own way', () =>
    withSandbox(async ({ held, base }) => {
      const script =
        'process.on("SIGINT", () => { console.log("bye"); process.exit(3); }); console.log("up"); setInterval(() => {}, 9)';
      const child = await held.spawn({ ...base, argv: node(script), stdin: 'ignore' });
      const lines = child.lines()[Symbol.asyncIterator]();
      expect((await lines.next()).value).toMatchObject({ text: 'up' });
      const stopped = child.stop('enough');
      expect((await lines.next()).value).toMatchObject({ text: 'bye' });
      await stopped;
      expect(await child.exited).toEqual({ code: 3, signal: null, stopped: 'enough' });
    }, use));

  it('is killed when it does not listen', () =>
    withSandbox(async ({ held, base, clock }) => {
      const script =
        'for (const s of ["SIGINT", "SIGTERM"]) process.on(s, () => console.log(s)); console.log("up"); setInterval(() => {}, 9)';
      const child = await held.spawn({ ...base, argv: node(script), stdin: 'ignore' });
      const lines = child.lines()[Symbol.asyncIterator]();
      expect((await lines.next()).value).toMatchObject({ text: 'up' });
      const stopped = child.stop('enough');
      for (const signal of ['SIGINT', 'SIGTERM']) {
        expect((await lines.next()).value).toMatchObject({ text: signal });
        await clock.advance(2000);
      }
      await stopped;
      expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL', stopped: 'enough' });
      expect(findMarked(base.marker.attempt)).toEqual([]);
    }, use));

  it('is ended also while the sandbox is being set up', () =>
    withSandbox(async ({ held, base, clock }) => {
      const child = await held.spawn({ ...base, argv: ['sleep', '600'], stdin: 'ignore' });
      const stopped = child.stop('at once');
      await clock.advance(2000);
      await clock.advance(2000);
      await stopped;
      expect((await child.exited).stopped).toBe('at once');
      expect(findMarked(base.marker.attempt)).toEqual([]);
    }, use));

  it('leaves no daemon behind, also none that hid its marker', () =>
    withSandbox(async ({ sandbox, runner, base }) => {
      const lifeline = await openLifeline();
      try {
        const folder = join(lifeline.path, '..');
        const writable = [...sandbox.writable, folder];
        const held = sandboxed(runner, { ...sandbox, writable });
        const holder = `"${process.execPath}" "${fixture('holds-lifeline.mjs')}"`;
        const line = `setsid env -i SIGNALBOX_TEST_LIFELINE="${lifeline.path}" ${holder} >/dev/null 2>&1 & echo left; cat`;
        const child = await held.spawn({ ...base, argv: ['sh', '-c', line], stdin: 'pipe' });
        await lineWith(child, 'left');
        const daemon = await within(30_000, lifeline.next());
        child.stdin?.end();
        await child.gone;
        await daemon.ended;
      } finally {
        await lifeline.close();
      }
    }, use));

  it('is seen by the sweep with its marker, inside and outside', () =>
    withSandbox(async ({ held, base }) => {
      const argv = ['sh', '-c', 'echo $SIGNALBOX_ATTEMPT; cat'];
      const child = await held.spawn({ ...base, argv, stdin: 'pipe' });
      const lines = child.lines()[Symbol.asyncIterator]();
      expect((await lines.next()).value).toMatchObject({ text: base.marker.attempt });
      expect(findMarked(base.marker.attempt).length).toBeGreaterThan(1);
      child.stdin?.end();
      await child.gone;
    }, use));

  it('has its input and its outputs as without', () =>
    withSandbox(async ({ held, base, dir }) => {
      const argv = ['sh', '-c', 'cat; echo wrong >&2; pwd'];
      const outputFile = join(dir.path, 'output');
      for (const more of [{}, { outputFile, errorFile: join(dir.path, 'errors') }]) {
        const child = await held.spawn({ ...base, argv, stdin: 'pipe', ...more });
        child.stdin?.end('in\n');
        const lines = (await allLines(child)).map(({ stream, text }) => `${stream} ${text}`);
        expect(lines.sort()).toEqual(['err wrong', `out ${base.cwd}`, 'out in']);
        expect(child.errorTail()).toBe('wrong\n');
      }
    }, use));

  it('fails as SPAWN_FAILED when its program is not there, and says why when it is hidden', () =>
    withSandbox(async ({ held, base, folders, sandbox, runner }) => {
      const options = { ...base, stdin: 'ignore' as const };
      for (const argv of [['no-such-program'], ['./no-such-program'], [`${folders.other}/file`], []]) {
        await expect(held.spawn({ ...options, argv })).rejects.toMatchObject({ code: 'SPAWN_FAILED' });
      }
      const hidden = sandboxed(runner, { ...sandbox, hidden: ['/usr/bin/env'] });
      const result = await hidden.run({ ...base, argv: ['/usr/bin/env'], timeoutMs: 20_000 });
      expect([result.code, String(result.stderr)]).toEqual([1, expect.stringContaining('bwrap: execvp /usr/bin/env')]);
      await expect(
        sandboxed(runner, { ...sandbox, program: '/no/bwrap' }).spawn({ ...options, argv: ['sh'] }),
      ).rejects.toMatchObject({ code: 'SPAWN_FAILED' });
    }, use));
});
