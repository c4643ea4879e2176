import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createFakeClock, fixture } from '@signalbox/testkit';
import { type AgentEvent, claudeCodeConnector } from '../src/index.js';
import { withRun } from './run-bench.js';

const write = (path: string) => ({ name: 'Write', input: { file_path: path, content: 'hello' } });
const apiRetry = (error: string, status: number) => ({
  type: 'system',
  subtype: 'api_retry',
  error,
  error_status: status,
  retry_delay_ms: 500,
});

describe('the claude-code connector, with the scripted stand-in', () => {
  it('lets an allowed edit happen and reports what was done', () =>
    withRun(async (bench) => {
      const file = join(bench.repo.path, 'a.txt');
      bench.script({ turns: [{ text: 'I write.', tools: [write(file)] }, { text: 'done' }] });
      bench.request.config = { ...bench.request.config, model: 'm-1', maxTurns: 3, maxBudgetUsd: 2 };
      const { events, result } = await bench.run(claudeCodeConnector);
      expect(readFileSync(file, 'utf8')).toBe('hello');
      expect(bench.asked).toEqual([{ action: 'file.write', path: file }]);
      expect(events.map((event) => event.type)).toEqual(['started', 'text', 'tool', 'tool', 'text', 'result']);
      expect(events[0]).toMatchObject({ model: 'm-1', version: '2.1.197', session: result.session });
      expect(events[3]).toEqual({ type: 'tool', id: 'toolu_1', name: 'Write', phase: 'result', error: false });
      expect(result).toMatchObject({ failure: null, exitCode: 0, summary: 'done', usage: { turns: 2, costUsd: 0.02 } });
      expect(bench.raw.filter((line) => line.startsWith('in ')).length).toBe(3);
    }));

  it('asks also about reads, and refuses what is denied', () =>
    withRun(async (bench) => {
      const file = join(bench.repo.path, 'a.txt');
      const read = { name: 'Read', input: { file_path: '/etc/passwd' } };
      bench.script({ turns: [{ tools: [read, write(file)] }, { text: 'done' }] });
      bench.answer = () => ({ allow: false, message: 'Not here.' });
      const { events, result } = await bench.run(claudeCodeConnector);
      expect(bench.asked.map((request) => request.action)).toEqual(['file.read', 'file.write']);
      expect(existsSync(file)).toBe(false);
      const results = events.filter((event) => event.type === 'tool' && event.phase === 'result');
      expect(results.map((event) => event.type === 'tool' && event.error)).toEqual([true, true]);
      expect(result.failure).toBeNull();
    }));

  it('takes a decision that throws, and a call that nobody can judge, as no', () =>
    withRun(async (bench) => {
      const file = join(bench.repo.path, 'a.txt');
      bench.script({ turns: [{ tools: [write(file), { name: 'Bash', input: {} }] }] });
      bench.answer = () => Promise.reject(new Error('broken'));
      const { events } = await bench.run(claudeCodeConnector);
      expect(existsSync(file)).toBe(false);
      expect(bench.asked).toHaveLength(1);
      expect(events.filter((event) => event.type === 'tool' && event.error)).toHaveLength(2);
    }));

  it('ends the attempt when an answer says stop', () =>
    withRun(async (bench) => {
      const tools = [{ name: 'Bash', input: { command: 'git push' } }, write(join(bench.repo.path, 'a.txt'))];
      bench.script({ turns: [{ tools }] });
      bench.answer = () => ({ allow: true, message: 'Needs approval apr_1.', stop: true });
      const { result } = await bench.run(claudeCodeConnector);
      expect(result.failure).toEqual({ class: 'policy_denied', message: 'Needs approval apr_1.' });
      expect(bench.asked[0]).toEqual({ action: 'shell.run', command: 'git push', cwd: bench.repo.path });
    }));

  it('fails at once when the log-in is refused, instead of waiting for the retries', () =>
    withRun(async (bench) => {
      bench.script({ turns: [{ lines: [apiRetry('authentication_failed', 401)], fault: 'hang' }] });
      bench.io.clock = createFakeClock(); // SIGINT, SIGTERM: the stand-in ends on the second
      const { events, result } = await bench.run(claudeCodeConnector);
      expect(result.failure?.class).toBe('auth');
      expect(events.find((event) => event.type === 'waiting')).toMatchObject({
        reason: expect.stringContaining('authentication_failed (401)'),
      });
    }));

  it('maps how a run ends to a class of failure', async () => {
    const synthetic = (error: string) => ({ type: 'assistant', error, message: { content: [] } });
    const rejected = {
      type: 'rate_limit_event',
      rate_limit_info: { status: 'rejected', resetsAt: 1_800_000_000, rateLimitType: 'five_hour' },
    };
    const failed = { is_error: true, result: 'API Error' };
    for (const [script, expected] of [
      [{ turns: [], result: { ...failed, api_error_status: 500 } }, { class: 'transient' }],
      [{ turns: [{ lines: [synthetic('overloaded')] }], result: failed }, { class: 'transient' }],
      [{ turns: [], result: { ...failed, api_error_status: 429 } }, { class: 'rate_limited' }],
      [
        { turns: [{ lines: [rejected, synthetic('rate_limit')] }], result: failed },
        { class: 'rate_limited', resumeAt: 1_800_000_000_000 },
      ],
      [{ turns: [], result: { subtype: 'error_max_turns', is_error: true } }, { class: 'agent_error' }],
      [{ turns: [], result: { stop_reason: null } }, { class: 'invalid_output' }],
      [{ turns: [{ fault: 'garbage' }], exitCode: 3 }, { class: 'invalid_output' }],
      [{ turns: [{ fault: 'stop' }] }, { class: 'invalid_output' }],
      [{ turns: [{ fault: 'crash' }] }, { class: 'crashed' }],
    ] as const) {
      await withRun(async (bench) => {
        bench.script(JSON.parse(JSON.stringify(script)));
        const { result } = await bench.run(claudeCodeConnector);
        expect(result.failure).toMatchObject(expected);
      });
    }
  });

  it('stops an agent that is not up, silent or too slow, and one that stays after its result', async () => {
    const limits = { wallMs: 50_000, idleMs: 20_000, startMs: 10_000 };
    for (const [turns, change, advance, expected] of [
      [[{ fault: 'silent-start' }], {}, 10_000, 'stalled'],
      [[{ fault: 'hang' }], {}, 20_000, 'stalled'],
      [[{ fault: 'hang' }], { idleMs: 90_000 }, 50_000, 'timeout'],
      [[{ text: 'x', fault: 'linger' }], {}, 10_000, 'invalid_output'],
    ] as const) {
      const clock = createFakeClock();
      await withRun(async (bench) => {
        bench.script(JSON.parse(JSON.stringify({ turns })));
        bench.request.limits = { ...limits, ...change };
        const raw = bench.io.raw;
        const sign = turns[0].fault === 'silent-start' ? '"control_response"' : '"init"';
        bench.io.raw = (stream, line) => {
          raw(stream, line);
          const isSign = line.includes(turns[0].fault === 'linger' ? '"type":"result"' : sign);
          if (stream === 'out' && isSign) void moveOn();
        };
        // The line is being handled: time moves on when that has set its timer, or has had many turns to.
        const moveOn = async (): Promise<void> => {
          const before = clock.pending();
          for (let turn = 0; turn < 500 && clock.pending() === before; turn++) await new Promise(setImmediate);
          await new Promise(setImmediate);
          await clock.advance(advance + 4000);
        };
        const { result } = await bench.run(claudeCodeConnector);
        expect(result.failure?.class).toBe(expected);
      }, clock);
    }
  });

  it('does not take waiting for a decision as a stall', async () => {
    const clock = createFakeClock();
    await withRun(async (bench) => {
      bench.script({ turns: [{ tools: [write(join(bench.repo.path, 'a.txt'))] }] });
      bench.answer = async () => {
        await clock.advance(30_000);
        return { allow: true, message: 'at last' };
      };
      const { result } = await bench.run(claudeCodeConnector);
      expect(result.failure).toBeNull();
    }, clock);
  });

  it('ends the shells of the agent with it when the caller aborts', () =>
    withRun(async (bench) => {
      const command = `echo started; exec sleep 600`;
      bench.script({ turns: [{ tools: [{ name: 'Bash', input: { command } }] }] });
      const { result } = await bench.run(claudeCodeConnector, (event: AgentEvent) => {
        if (event.type === 'tool') bench.abort({ class: 'cancelled', message: 'Enough.' });
      });
      expect(result.failure).toEqual({ class: 'cancelled', message: 'Enough.' });
    }));

  it('goes on with a session that is still there, and begins a new one otherwise', () =>
    withRun(async (bench) => {
      bench.script({ turns: [{ text: 'one' }] });
      bench.request.session = '0b1f8a7e-0000-4000-8000-000000000000';
      const first = await bench.run(claudeCodeConnector);
      expect(first.result.failure).toBeNull();
      expect(first.result.session).not.toBe(bench.request.session);
      bench.request.session = first.result.session ?? '';
      bench.request.sessionFolder = join(bench.request.scratch, 'kept');
      const elsewhere = await bench.run(claudeCodeConnector);
      expect(elsewhere.result.session).toBe(first.result.session);
      expect(elsewhere.result.failure).toBeNull();
      bench.request.session = first.result.session ?? '';
      expect((await bench.run(claudeCodeConnector)).result).toMatchObject({
        failure: null,
        session: first.result.session,
      });
    }));

  it('says so when it cannot do the task or find the program', () =>
    withRun(async (bench) => {
      bench.request.config = { program: '/nowhere/claude' };
      expect((await bench.run(claudeCodeConnector)).result.failure?.class).toBe('crashed');
      bench.request.run = { shell: 'true' };
      expect((await bench.run(claudeCodeConnector)).result.failure?.message).toContain('run line');
      bench.abort();
      expect((await bench.run(claudeCodeConnector)).result.failure?.class).toBe('cancelled');
    }));
});

describe('the folders of claude-code', () => {
  it('are those of the person but for its own configuration, unless it is to have a home of its own', () =>
    withRun(async (bench) => {
      bench.request.environment = { ...bench.request.environment, HOME: '/home/ana' };
      const environments: (Record<string, string> | undefined)[] = [];
      const { processes } = bench.io;
      bench.io.processes = {
        ...processes,
        spawn: (options) => {
          environments.push(options.environment);
          return processes.spawn(options);
        },
      };
      bench.script({ turns: [{ text: 'done' }] });
      await bench.run(claudeCodeConnector);
      bench.request.config = { ...bench.request.config, home: 'own' };
      await bench.run(claudeCodeConnector);
      const own = join(bench.request.scratch, 'home');
      expect(environments.map((environment) => environment?.['HOME'])).toEqual(['/home/ana', own]);
      expect(existsSync(own)).toBe(true);
      expect(claudeCodeConnector.folders?.({ configDir: '/kept' })).toEqual(['/kept']);
      expect(claudeCodeConnector.folders?.({})).toEqual([]);
    }));
});

describe('the probe of claude-code', () => {
  const clock = createFakeClock();
  const environment = { PATH: process.env['PATH'] ?? '' };
  const probe = (program: string, extra: Record<string, string> = {}, config = {}) =>
    claudeCodeConnector.probe({ config: { program, ...config }, environment: { ...environment, ...extra }, clock });

  it('tells program, version, log-in and what is real here', async () => {
    const program = fixture('scripted-claude.mjs');
    const report = await probe(program, { CLAUDE_CODE_OAUTH_TOKEN: 'x' }, { configDir: '/kept' });
    expect(report).toEqual({
      installed: true,
      program,
      version: '2.1.197',
      login: 'ready',
      capabilities: { approvals: true, resume: true, usage: true, prompts: true },
      problems: [],
    });
  });

  it('tells what is in the way, and what to do', async () => {
    const absent = await probe('no-such-claude');
    expect(absent).toMatchObject({ installed: false, login: 'missing' });
    expect(absent.problems.map((problem) => problem.hint).join()).toMatch(/npm install.*claude setup-token/);
    const broken = await probe('false', { ANTHROPIC_API_KEY: 'k' });
    expect(broken).toMatchObject({ installed: false, login: 'ready', problems: [{ message: expect.any(String) }] });
  });
});
