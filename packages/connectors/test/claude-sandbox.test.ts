import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '@signalbox/kernel';
import { createTempDir, type FakeTurn, realClaude, startFakeAnthropic } from '@signalbox/testkit';
import { claudeCodeConnector, probeSandbox, sandboxed } from '../src/index.js';
import { plainEnvironment } from './process/helpers.js';
import { withRun } from './run-bench.js';

const program = realClaude();
const probe = await probeSandbox({ environment: plainEnvironment(), clock: systemClock });
const SLOW_MS = 60_000;
const scripted = (...turns: FakeTurn[]): string => `Go. <fake-model>${JSON.stringify(turns)}</fake-model>`;
const bash = (command: string): FakeTurn => ({ tool: { name: 'Bash', input: { command } } });

if (program === null || !probe.works) {
  console.log('The real claude program or bubblewrap is not there: claude in a sandbox is not tested.');
  describe('the real claude, in a sandbox', () => {
    it('is not tested here', () => expect(program === null || !probe.works).toBe(true));
  });
} else {
  describe('the real claude, in a sandbox', () => {
    it.each(['own', 'user'])(
      'edits the workspace, and its commands are refused the rest, though policy allows them (home: %s)',
      (home) =>
        withRun(async (bench) => {
          const theirs = createTempDir();
          const fake = await startFakeAnthropic({});
          try {
            const state = join(theirs.path, '.ai/state');
            mkdirSync(state, { recursive: true });
            writeFileSync(join(state, 'key'), 'secret-of-the-ledger');
            const { request } = bench;
            const sandbox = {
              ...{ program: probe.program, writable: [request.workspace, request.scratch], readable: [theirs.path] },
              ...{ hidden: [state], network: true },
            };
            bench.io.processes = sandboxed(bench.io.processes, sandbox);
            const HOME = process.env['HOME'] ?? '/';
            const login = { ANTHROPIC_BASE_URL: fake.url, ANTHROPIC_API_KEY: 'sk-ant-dummy' };
            request.environment = { ...request.environment, ...login, HOME, API_TIMEOUT_MS: '15000' };
            request.config = { program, model: 'claude-fake-1', home };
            const file = join(request.workspace, 'src/hello.ts');
            request.prompt = scripted(
              { tool: { name: 'Write', input: { file_path: file, content: 'export {};\n' } } },
              bash(`echo x > ${theirs.path}/outside; cat ${state}/key; echo "$HOME"; git status --porcelain`),
              { text: 'All done.' },
            );
            const { result } = await bench.run(claudeCodeConnector);
            expect(result).toMatchObject({ failure: null, exitCode: 0, summary: 'All done.' });
            expect(readFileSync(file, 'utf8')).toBe('export {};\n');
            expect(existsSync(join(theirs.path, 'outside'))).toBe(false);
            const told = fake.requests.at(-1)?.toolResult ?? '';
            expect(told).toContain('Read-only file system');
            expect(told).not.toContain('secret-of-the-ledger');
            expect(told).toContain(home === 'own' ? join(request.scratch, 'home') : HOME);
            expect(told).toContain('?? src/');
          } finally {
            await fake.close();
            theirs.remove();
          }
        }),
      SLOW_MS,
    );
  });
}
