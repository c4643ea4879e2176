import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  type FakeAnthropic,
  type FakeTurn,
  fixture,
  openLifeline,
  realClaude,
  type Scenario,
  startFakeAnthropic,
} from '@signalbox/testkit';
import { claudeCodeConnector, findMarked } from '../src/index.js';
import { type RunBench, withRun } from './run-bench.js';

const program = realClaude();
// A cold start of the real program takes two seconds, more on a busy machine.
const SLOW_MS = 60_000;

const scripted = (...turns: FakeTurn[]): string => `Go. <fake-model>${JSON.stringify(turns)}</fake-model>`;

/** Runs a test with the real program against a scripted provider. */
function withReal(scenario: Scenario, test: (bench: RunBench, fake: FakeAnthropic) => Promise<void>): Promise<void> {
  return withRun(async (bench) => {
    const fake = await startFakeAnthropic({ scenario });
    try {
      const { environment } = bench.request;
      const login = { ANTHROPIC_BASE_URL: fake.url, ANTHROPIC_API_KEY: 'sk-ant-dummy', HOME: bench.request.scratch };
      bench.request.environment = { ...environment, ...login, API_TIMEOUT_MS: '15000' };
      bench.request.config = { program, model: 'claude-fake-1' };
      await test(bench, fake);
      expect(findMarked(bench.attempt)).toEqual([]);
    } finally {
      await fake.close();
    }
  });
}

if (program === null) {
  console.log('The real claude program is not installed (npm run agents:install): its tests are left out.');
  describe('the claude-code connector, with the real program', () => {
    it('is not tested here', () => expect(program).toBeNull());
  });
} else {
  describe('the claude-code connector, with the real program', () => {
    it(
      'lets an allowed edit land in the workspace',
      () =>
        withReal({}, async (bench, fake) => {
          const input = { file_path: join(bench.repo.path, 'src/hello.ts'), content: 'export {};\n' };
          const read = { name: 'Read', input: { file_path: join(bench.repo.path, 'README.md') } };
          bench.request.prompt = scripted({ tool: read }, { tool: { name: 'Write', input } }, { text: 'All done.' });
          const { events, result } = await bench.run(claudeCodeConnector);
          expect(result).toMatchObject({ failure: null, exitCode: 0, summary: 'All done.', usage: { turns: 3 } });
          expect(readFileSync(input.file_path, 'utf8')).toBe('export {};\n');
          expect(bench.asked).toEqual([
            { action: 'file.read', path: join(bench.repo.path, 'README.md') },
            { action: 'file.write', path: input.file_path },
          ]);
          expect(events[0]).toMatchObject({ type: 'started', model: 'claude-fake-1', version: expect.any(String) });
          expect(fake.requests.filter((request) => request.path === '/v1/messages')[0]?.session).toBe(result.session);
          expect(bench.repo.git('status', '--porcelain')).toBe('?? src/');
        }),
      SLOW_MS,
    );

    it(
      'refuses what policy denies, tells the agent why, and reports it',
      () =>
        withReal({}, async (bench, fake) => {
          const command = `touch ${join(bench.repo.path, 'x')}`;
          bench.request.prompt = scripted({ tool: { name: 'Bash', input: { command } } }, { text: 'I could not.' });
          bench.answer = () => ({ allow: false, message: 'Rule no-touch denies it.' });
          const { events, result } = await bench.run(claudeCodeConnector);
          expect(existsSync(join(bench.repo.path, 'x'))).toBe(false);
          expect(bench.asked).toEqual([{ action: 'shell.run', command, cwd: bench.repo.path }]);
          expect(events.find((event) => event.type === 'tool' && event.phase === 'result')).toMatchObject({
            error: true,
          });
          expect(fake.requests.at(-1)?.toolResult).toContain('Rule no-touch denies it.');
          expect(result.failure).toBeNull();
        }),
      SLOW_MS,
    );

    it(
      'ends the attempt when an answer says stop',
      () =>
        withReal({}, async (bench) => {
          bench.request.prompt = scripted({ tool: { name: 'Bash', input: { command: 'git push' } } }, { text: 'x' });
          bench.answer = () => ({ allow: false, message: 'Needs approval.', stop: true });
          const { result } = await bench.run(claudeCodeConnector);
          expect(result.failure).toEqual({ class: 'policy_denied', message: 'Needs approval.' });
        }),
      SLOW_MS,
    );

    it(
      'maps the faults of the provider to classes of failure',
      async () => {
        for (const [fault, expected] of [
          [{ kind: 'auth' }, 'auth'],
          [{ kind: 'status', status: 429, headers: { 'retry-after': '120' } }, 'rate_limited'],
          [{ kind: 'status', status: 500, headers: { 'retry-after': '0' } }, 'transient'],
          [{ kind: 'end_stream' }, 'invalid_output'],
        ] as const) {
          await withReal({ faults: [{ times: 100, fault }] }, async (bench) => {
            bench.request.environment = { ...bench.request.environment, CLAUDE_CODE_MAX_RETRIES: '1' };
            const { result } = await bench.run(claudeCodeConnector);
            expect([fault.kind, result.failure?.class]).toEqual([fault.kind, expected]);
          });
        }
      },
      SLOW_MS,
    );

    it(
      'fails as auth without any log-in',
      () =>
        withReal({}, async (bench) => {
          bench.request.environment = { ...bench.request.environment, ANTHROPIC_API_KEY: '' };
          expect((await bench.run(claudeCodeConnector)).result.failure?.class).toBe('auth');
        }),
      SLOW_MS,
    );

    it(
      'leaves no process when it is aborted in the middle of a command',
      () =>
        withReal({}, async (bench) => {
          const lifeline = await openLifeline();
          try {
            bench.request.environment = { ...bench.request.environment, SIGNALBOX_TEST_LIFELINE: lifeline.path };
            const command = `"${process.execPath}" "${fixture('leaves-grandchildren.mjs')}"; sleep 600`;
            bench.request.prompt = scripted({ tool: { name: 'Bash', input: { command } } }, { text: 'x' });
            const running = bench.run(claudeCodeConnector);
            const left = await lifeline.next();
            bench.abort({ class: 'lease_lost', message: 'Another holder has it.' });
            expect((await running).result.failure?.class).toBe('lease_lost');
            await left.ended;
          } finally {
            await lifeline.close();
          }
        }),
      SLOW_MS,
    );

    it(
      'resumes a session where the configuration keeps sessions',
      () =>
        withReal({}, async (bench, fake) => {
          bench.request.config = { ...bench.request.config, configDir: join(bench.request.scratch, 'kept') };
          bench.request.prompt = 'Remember the number seven.';
          const first = await bench.run(claudeCodeConnector);
          bench.request.session = first.result.session ?? '';
          bench.request.prompt = 'Which number?';
          const second = await bench.run(claudeCodeConnector);
          expect(second.result).toMatchObject({ failure: null, session: first.result.session });
          expect(fake.requests.at(-1)?.prompt).toContain('Which number?');
        }),
      SLOW_MS,
    );
  });
}
