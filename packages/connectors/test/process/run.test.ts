import { describe, expect, it } from '@jest/globals';
import { fixture, openLifeline } from '@signalbox/testkit';
import { findMarked } from '../../src/index.js';
import { WAYS, withBench } from './helpers.js';

const node = process.execPath;

for (const { way, use } of WAYS) {
  describe(`a command that is run to its end, ${way}`, () => {
    it('gives its outputs, exit and duration', () =>
      withBench(async ({ runner, base }) => {
        const argv = ['sh', '-c', 'cat; echo err >&2; exit 4'];
        const result = await runner.run({ ...base, argv, timeoutMs: 60_000, input: 'from us' });
        expect(result).toEqual({
          code: 4,
          signal: null,
          stdout: Buffer.from('from us'),
          stderr: Buffer.from('err\n'),
          dropped: { stdout: 0, stderr: 0 },
          timedOut: false,
          aborted: false,
          durationMs: 0,
        });
      }, use));

    it('keeps the tail of a long output and tells what it dropped', () =>
      withBench(async ({ runner, base }) => {
        const argv = [node, fixture('floods.mjs'), '3000'];
        const result = await runner.run({ ...base, argv, timeoutMs: 60_000, maxOutputBytes: 100 * 1024 });
        expect(result.stdout.length).toBe(100 * 1024);
        expect(result.stdout.subarray(0, 4).toString()).toBe('2900');
        expect(result.dropped).toEqual({ stdout: 2900 * 1024, stderr: 0 });
      }, use));

    it('is ended as a tree when its time is up', () =>
      withBench(async ({ runner, base, clock }) => {
        const lifeline = await openLifeline();
        try {
          const environment = { ...base.environment, SIGNALBOX_TEST_LIFELINE: lifeline.path };
          const argv = [node, fixture('leaves-grandchildren.mjs'), '--stay', '--inherit'];
          const running = runner.run({ ...base, environment, argv, timeoutMs: 5000 });
          const left = await lifeline.next();
          await clock.advance(5000);
          const result = await running;
          await left.ended;
          expect(result).toMatchObject({ code: null, signal: 'SIGINT', timedOut: true, aborted: false });
          expect(result.durationMs).toBe(5000);
          expect(findMarked(base.marker.attempt)).toEqual([]);
        } finally {
          await lifeline.close();
        }
      }, use));

    it('is ended when the caller aborts, also when it did so before', () =>
      withBench(async ({ runner, base, clock }) => {
        const controller = new AbortController();
        const options = { ...base, argv: ['sleep', '600'], timeoutMs: 60_000, signal: controller.signal };
        const running = runner.run(options);
        const early = runner.run({ ...options, argv: ['cat'], input: '', signal: AbortSignal.abort() });
        controller.abort();
        expect(await running).toMatchObject({ timedOut: false, aborted: true });
        expect((await early).timedOut).toBe(false);
        expect(clock.pending()).toBe(0);
      }, use));

    it('leaves no background process of its own', () =>
      withBench(async ({ runner, base }) => {
        const lifeline = await openLifeline();
        try {
          const environment = { ...base.environment, SIGNALBOX_TEST_LIFELINE: lifeline.path };
          const script = `"${node}" "${fixture('leaves-grandchildren.mjs')}" --inherit; exit 0`;
          const result = await runner.run({ ...base, environment, argv: ['sh', '-c', script], timeoutMs: 60_000 });
          expect(result.code).toBe(0);
          expect(findMarked(base.marker.attempt)).toEqual([]);
        } finally {
          await lifeline.close();
        }
      }, use));
  });
}
