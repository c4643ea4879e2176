import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '@signalbox/kernel';
import {
  type FakeAnthropic,
  type FakeTurn,
  fixture,
  openLifeline,
  realAcpAgent,
  type Scenario,
  startFakeAnthropic,
} from '@signalbox/testkit';
import { acpConnector, findMarked } from '../src/index.js';
import { type RunBench, withRun } from './run-bench.js';

const program = realAcpAgent();
// A start of the real agent takes one to two seconds, many times more on a busy machine.
const SLOW_MS = 90_000;
const SECRET = 'sk-ant-of-the-test';

const scripted = (...turns: FakeTurn[]): string => `Go. <fake-model>${JSON.stringify(turns)}</fake-model>`;

/** Runs a test with the real agent against a scripted provider. */
function withReal(scenario: Scenario, test: (bench: RunBench, fake: FakeAnthropic) => Promise<void>): Promise<void> {
  return withRun(async (bench) => {
    const fake = await startFakeAnthropic({ scenario });
    try {
      const login = { ANTHROPIC_BASE_URL: fake.url, ANTHROPIC_API_KEY: SECRET, CLAUDE_CODE_MAX_RETRIES: '1' };
      const quiet = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', API_TIMEOUT_MS: '15000' };
      bench.request.environment = { ...bench.request.environment, ...login, ...quiet };
      bench.request.config = { argv: [program ?? ''] };
      bench.request.limits = { wallMs: 80_000, idleMs: 60_000, startMs: 60_000 };
      await test(bench, fake);
      expect(findMarked(bench.attempt)).toEqual([]);
      expect(bench.repo.git('status', '--porcelain', '--ignored')).not.toContain('.claude');
    } finally {
      await fake.close();
    }
  });
}

if (program === null) {
  console.log('The real claude-agent-acp is not installed (npm run agents:install): its tests are left out.');
  describe('the acp connector, with a real agent', () => {
    it('is not tested here', () => expect(program).toBeNull());
  });
} else {
  describe('the acp connector, with a real agent', () => {
    it(
      'lets an allowed edit land in the workspace',
      () =>
        withReal({}, async (bench, fake) => {
          const input = { file_path: join(bench.repo.path, 'src/hello.ts'), content: 'export {};\n' };
          bench.request.prompt = scripted({ tool: { name: 'Write', input } }, { text: 'All done.' });
          const { events, result } = await bench.run(acpConnector);
          expect(result).toMatchObject({ failure: null, summary: 'All done.' });
          expect(readFileSync(input.file_path, 'utf8')).toBe('export {};\n');
          expect(bench.asked).toEqual([{ action: 'file.write', path: input.file_path }]);
          expect(events[0]).toMatchObject({ type: 'started', model: 'default', version: expect.stringMatching(/^\d/) });
          expect(result.usage).toMatchObject({ outputTokens: expect.any(Number), costUsd: expect.any(Number) });
          expect(fake.requests.some((request) => request.tools?.includes('Write'))).toBe(true);
          expect(bench.repo.git('status', '--porcelain')).toBe('?? src/');
        }),
      SLOW_MS,
    );

    it(
      'refuses what policy denies, and nothing is written',
      () =>
        withReal({}, async (bench, fake) => {
          const input = { file_path: join(bench.repo.path, 'no.ts'), content: 'x' };
          const command = `touch ${join(bench.repo.path, 'no.txt')}`;
          const tool = [
            { name: 'Write', input },
            { name: 'Bash', input: { command } },
          ];
          bench.request.prompt = scripted({ tool }, { text: 'I could not.' });
          bench.answer = () => ({ allow: false, message: 'Rule no-touch denies it.' });
          const { events, result } = await bench.run(acpConnector);
          expect(bench.repo.git('status', '--porcelain')).toBe('');
          expect(bench.asked).toEqual([
            { action: 'file.write', path: input.file_path },
            { action: 'shell.run', command, cwd: bench.repo.path },
          ]);
          expect(events.filter((event) => event.type === 'tool' && event.error === true)).toHaveLength(2);
          expect(fake.requests.at(-1)?.toolResult).toContain('[error]');
          expect(result).toMatchObject({ failure: null, summary: 'I could not.' });
        }),
      SLOW_MS,
    );

    it(
      'ends the attempt when an answer says stop',
      () =>
        withReal({}, async (bench) => {
          bench.request.prompt = scripted({ tool: { name: 'Bash', input: { command: 'git push' } } }, { text: 'x' });
          bench.answer = () => ({ allow: false, message: 'Needs approval.', stop: true });
          const { result } = await bench.run(acpConnector);
          expect(result.failure).toEqual({ class: 'policy_denied', message: 'Needs approval.' });
        }),
      SLOW_MS,
    );

    it(
      'ends it when the agent acts unasked although it was vouched for',
      () =>
        withReal({}, async (bench) => {
          Object.assign(bench.request.config, { asks: true, mode: 'acceptEdits' });
          const write = { name: 'Write', input: { file_path: join(bench.repo.path, 'unasked.ts'), content: 'x' } };
          bench.request.prompt = scripted({ tool: write }, { text: 'x' });
          const { result } = await bench.run(acpConnector);
          const message = 'The agent did not ask before it acted: Write.';
          expect(result.failure).toEqual({ class: 'policy_denied', message });
          expect(bench.asked).toEqual([]);
        }),
      SLOW_MS,
    );

    it(
      'asks before reads and commands too where its settings say so, so that it can be vouched for',
      () =>
        withReal({}, async (bench) => {
          const configDir = join(bench.request.scratch, 'kept');
          Object.assign(bench.request.config, { asks: true, configDir });
          mkdirSync(join(configDir, '.claude'), { recursive: true });
          const permissions = { ask: ['Read', 'Grep', 'Glob', 'Bash'] };
          writeFileSync(join(configDir, '.claude/settings.json'), JSON.stringify({ permissions }));
          const path = join(bench.repo.path, 'README.md');
          const read = { name: 'Read', input: { file_path: path } };
          const list = { name: 'Bash', input: { command: 'ls' } };
          const glob = { name: 'Glob', input: { pattern: '**/*.md' } };
          const grep = { name: 'Grep', input: { pattern: 'x.y', path: bench.repo.path } };
          bench.request.prompt = scripted(
            { tool: read },
            { tool: list },
            { tool: glob },
            { tool: grep },
            { text: 'I have seen it.' },
          );
          const { result } = await bench.run(acpConnector);
          expect(bench.asked).toEqual([
            { action: 'file.read', path },
            { action: 'shell.run', command: 'ls', cwd: bench.repo.path },
            { action: 'file.read', path: bench.repo.path },
            { action: 'file.read', path: join(bench.repo.path, '**/*.md') },
            { action: 'file.read', path: bench.repo.path },
          ]);
          expect(result).toMatchObject({ failure: null, summary: 'I have seen it.' });
        }),
      SLOW_MS,
    );

    it(
      'maps the faults of the provider to classes of failure',
      async () => {
        for (const [fault, expected] of [
          [{ kind: 'auth' }, 'auth'],
          [{ kind: 'overloaded' }, 'transient'],
          [{ kind: 'status', status: 500, headers: { 'retry-after': '0' } }, 'transient'],
          [{ kind: 'status', status: 429, headers: { 'retry-after': '0' } }, 'rate_limited'],
        ] as const) {
          await withReal({ faults: [{ times: 100, fault }] }, async (bench) => {
            const { result } = await bench.run(acpConnector);
            expect([fault.kind, result.failure?.class]).toEqual([fault.kind, expected]);
            expect(JSON.stringify(result)).not.toContain(SECRET);
          });
        }
      },
      SLOW_MS,
    );

    it(
      'calls a provider that does not answer a stall',
      () =>
        withReal({ faults: [{ times: 100, fault: { kind: 'hang' } }] }, async (bench) => {
          bench.request.limits = { ...bench.request.limits, idleMs: 10_000 };
          const { events, result } = await bench.run(acpConnector);
          expect(events[0]?.type).toBe('started');
          expect(result.failure?.class).toBe('stalled');
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
            const running = bench.run(acpConnector);
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
      'resumes a session from the folder that is kept, and else begins a new one',
      () =>
        withReal({}, async (bench, fake) => {
          bench.request.sessionFolder = join(bench.request.scratch, 'kept');
          bench.request.prompt = 'Remember the number seven.';
          const first = await bench.run(acpConnector);
          bench.request.session = first.result.session ?? '';
          bench.request.prompt = 'Which number?';
          const second = await bench.run(acpConnector);
          expect(second.result).toMatchObject({ failure: null, session: first.result.session });
          expect(fake.requests.at(-1)?.prompt).toContain('Which number?');
          bench.request.session = '00000000-0000-4000-8000-000000000000';
          const third = await bench.run(acpConnector);
          expect(third.result.failure).toBeNull();
          expect(third.result.session).not.toBe(bench.request.session);
        }),
      SLOW_MS,
    );

    it('is probed without a session', () =>
      withReal({}, async (bench, fake) => {
        const { config, environment } = bench.request;
        const report = await acpConnector.probe({ config, environment, clock: systemClock });
        expect(report).toMatchObject({ installed: true, version: expect.stringMatching(/^\d/), problems: [] });
        expect(fake.requests).toEqual([]);
      }));
  });
}
