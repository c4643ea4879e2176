import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '@signalbox/kernel';
import { codexConnector, probeSandbox, sandboxed } from '../src/index.js';
import { patch, program, SLOW_MS, scripted, shell, whySkipped, withReal } from './codex-real-bench.js';
import { plainEnvironment } from './process/helpers.js';

const skipped = await whySkipped();
const probe = await probeSandbox({ environment: plainEnvironment(), clock: systemClock });

if (skipped !== null || !probe.works || !probe.nests) {
  console.log(`${skipped ?? 'No sandbox fits into ours here'}: codex in a sandbox is not tested.`);
  describe('the real codex, in a sandbox', () => {
    it('is not tested here', () => expect(skipped === null && probe.works && probe.nests).toBe(false));
  });
} else {
  describe('the real codex, in a sandbox', () => {
    it(
      'has its own inside of it',
      () =>
        withReal({}, async (bench) => {
          const { request } = bench;
          const report = await codexConnector.probe({
            ...{ config: { program, sandbox: 'read-only' }, environment: plainEnvironment(), clock: systemClock },
          });
          expect(report.sandbox).toBe('read-only');
          const hidden = join(request.scratch, 'hidden');
          mkdirSync(hidden);
          bench.io.processes = sandboxed(bench.io.processes, {
            ...{ program: probe.program, writable: [request.workspace, request.scratch], readable: [] },
            ...{ hidden: [hidden], network: true },
          });
          request.prompt = scripted(
            patch('*** Add File: src/hello.ts', '+export {};'),
            shell(`echo made > made.txt; touch ${hidden}/x; touch ${request.scratch}/outside`),
            { text: 'All done.' },
          );
          const { result } = await bench.run(codexConnector);
          expect(result).toMatchObject({ failure: null, exitCode: 0, summary: 'All done.' });
          expect(readFileSync(join(request.workspace, 'src/hello.ts'), 'utf8')).toBe('export {};\n');
          expect(existsSync(join(request.workspace, 'made.txt'))).toBe(true);
          expect(existsSync(join(request.scratch, 'outside'))).toBe(false);
        }),
      SLOW_MS,
    );
  });
}
