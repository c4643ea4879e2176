import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createFakeClock, fixture, openLifeline } from '@signalbox/testkit';
import { acpConnector } from '../src/index.js';
import { type AcpScript, edit, errorReply, SECRET, scriptedAcp, step, withAgent } from './acp-bench.js';

const failureOf = async (script: AcpScript, more: object = {}) => {
  let failure: unknown;
  await withAgent(script, async (bench) => {
    Object.assign(bench.request.config, more);
    failure = (await bench.run(acpConnector)).result.failure;
  });
  return failure as { class: string; message: string } | null;
};

describe('a run with an agent of the protocol', () => {
  it('introduces itself, opens a session in the workspace, gives the prompt and ends the agent', () =>
    withAgent({ steps: [step.text('All '), step.text('done.')], stay: true }, async (bench) => {
      const { events, result } = await bench.run(acpConnector);
      expect(events.slice(0, -1)).toEqual([
        { type: 'started', session: 'ses_1', version: '1.2.3' },
        { type: 'text', text: 'All done.' },
      ]);
      expect(result).toMatchObject({ failure: null, session: 'ses_1', summary: 'All done.', usage: {} });
      expect(bench.sent().map((message) => message['method'])).toEqual(['initialize', 'session/new', 'session/prompt']);
      expect(bench.sent('initialize')[0]).toMatchObject({
        protocolVersion: 1,
        clientCapabilities: { fs: { readTextFile: true, writeTextFile: true }, terminal: false },
        clientInfo: { name: 'signalbox' },
      });
      expect(bench.sent('session/new')).toEqual([{ cwd: bench.request.workspace, mcpServers: [] }]);
      expect(bench.sent('session/prompt')).toEqual([{ sessionId: 'ses_1', prompt: [{ type: 'text', text: 'do it' }] }]);
    }));

  it('gives the agent folders of its own', () =>
    withAgent({}, async (bench) => {
      await bench.run(acpConnector);
      const { scratch, workspace } = bench.request;
      const { env, cwd } = bench.given();
      expect(cwd).toBe(workspace);
      expect(env).toMatchObject({
        HOME: join(scratch, 'home'),
        TMPDIR: join(scratch, 'tmp'),
        XDG_CONFIG_HOME: join(scratch, 'home/.config'),
        XDG_CACHE_HOME: join(scratch, 'home/.cache'),
      });
    }));

  it('logs in, chooses mode and model where the configuration says so', async () => {
    const options = [{ id: 'm', name: 'Model', category: 'model', type: 'select', currentValue: 'a', options: [] }];
    const opened = { 'session/new': { result: { sessionId: 'ses_1', configOptions: options } } };
    await withAgent({ replies: opened }, async (bench) => {
      Object.assign(bench.request.config, { auth: 'key', mode: 'ask', model: 'big' });
      expect((await bench.run(acpConnector)).result.failure).toBeNull();
      expect(bench.sent('authenticate')).toEqual([{ methodId: 'key' }]);
      expect(bench.sent('session/set_mode')).toEqual([{ sessionId: 'ses_1', modeId: 'ask' }]);
      expect(bench.sent('session/set_config_option')).toEqual([{ sessionId: 'ses_1', configId: 'm', value: 'big' }]);
    });
    await withAgent({ replies: { 'session/new': { result: { sessionId: 's', models: {} } } } }, async (bench) => {
      Object.assign(bench.request.config, { model: 'big' });
      expect((await bench.run(acpConnector)).result.failure).toBeNull();
      expect(bench.sent('session/set_model')).toEqual([{ sessionId: 's', modelId: 'big' }]);
    });
    expect(await failureOf({}, { model: 'big' })).toMatchObject({ class: 'agent_error' });
    const noMode = await failureOf({ replies: { 'session/set_mode': errorReply(-32602, 'unknown') } }, { mode: 'x' });
    expect(noMode).toEqual({ class: 'agent_error', message: 'The mode x could not be set: unknown' });
    const noLogin = { replies: { authenticate: errorReply(-32603, 'no such method') } };
    expect(await failureOf(noLogin, { auth: 'x' })).toMatchObject({ class: 'auth' });
  });

  it('resumes a session where the agent can, and else begins a new one', async () => {
    const can = (agentCapabilities: object, more: AcpScript['replies'] = {}): AcpScript => ({
      replies: {
        initialize: { result: { protocolVersion: 1, agentCapabilities: agentCapabilities as never } },
        'session/load': { lines: [step.text('said before')], result: {} },
        ...more,
      },
      steps: [step.text('new')],
    });
    for (const [script, method] of [
      [can({ loadSession: true, sessionCapabilities: { resume: {} } }), 'session/resume'],
      [can({ loadSession: true }), 'session/load'],
      [can({}), 'session/new'],
      [can({ loadSession: true }, { 'session/load': errorReply(-32002, 'Resource not found') }), 'session/new'],
    ] as const) {
      await withAgent(script, async (bench) => {
        bench.request.session = 'ses_0';
        bench.request.sessionFolder = join(bench.request.scratch, 'kept');
        const { events, result } = await bench.run(acpConnector);
        expect(result).toMatchObject({ failure: null, session: method === 'session/new' ? 'ses_1' : 'ses_0' });
        expect(events.filter((event) => event.type === 'text')).toEqual([{ type: 'text', text: 'new' }]);
        expect(bench.sent(method)).toHaveLength(1);
        expect(bench.given().env['HOME']).toBe(join(bench.request.scratch, 'kept'));
      });
    }
  });

  it('tells calls, messages and what was used', () =>
    withAgent(
      {
        steps: [
          step.text('First.', 'm1'),
          step.text('Second.', 'm2'),
          step.call('c1', { kind: 'execute', rawInput: {} }),
          step.change('c1', 'pending', { rawInput: { command: 'ls' }, name: 'shell' }),
          step.change('c1', 'failed'),
          step.change('c1', 'failed'),
          step.call('c2', { status: 'completed', _meta: { claudeCode: { toolName: 'Think' } } }),
          { update: { sessionUpdate: 'usage_update', used: 5, size: 9, cost: { amount: 0.25, currency: 'USD' } } },
          { update: { sessionUpdate: 'plan', entries: [] } },
          { update: { sessionUpdate: 'usage_update', used: 5, size: 9, cost: { amount: 3, currency: 'XAU' } } },
          step.text('Third.'),
        ],
        replies: {
          'session/prompt': {
            result: { stopReason: 'end_turn', usage: { inputTokens: 7, outputTokens: 2, cachedReadTokens: 4 } },
          },
        },
      },
      async (bench) => {
        const { events, result } = await bench.run(acpConnector);
        expect(events.slice(1, -1)).toEqual([
          { type: 'text', text: 'First.' },
          { type: 'text', text: 'Second.' },
          { type: 'tool', id: 'c1', name: 'shell', phase: 'call', input: { command: 'ls' } },
          { type: 'tool', id: 'c1', name: 'shell', phase: 'result', error: true },
          { type: 'tool', id: 'c2', name: 'Think', phase: 'call', input: {} },
          { type: 'tool', id: 'c2', name: 'Think', phase: 'result', error: false },
          { type: 'text', text: 'Third.' },
        ]);
        expect(result.usage).toEqual({ inputTokens: 7, outputTokens: 2, cacheReadTokens: 4, costUsd: 0.25 });
      },
    ));

  it('passes over lines that are none of the protocol, and takes very long ones', () =>
    withAgent(
      {
        steps: [
          { line: 'Welcome!\n\n[1]\n{"id":1}\n{"jsonrpc":"2.0","id":77,"result":{}}\n' },
          { line: '{"jsonrpc":"2.0","method":"x/y","params":{}}\n{"method":"session/update"}\n' },
          step.text('x'.repeat(3 * 1024 * 1024)),
          step.request('terminal/create', { command: 'ls' }),
        ],
      },
      async (bench) => {
        const { result, events } = await bench.run(acpConnector);
        expect(result.failure).toBeNull();
        expect(events.find((event) => event.type === 'text')).toMatchObject({
          text: expect.stringMatching(/^x{3145728}$/),
        });
        expect(bench.raw).toContain('out Welcome!');
        expect(bench.replies()).toMatchObject([{ error: { code: -32601 } }]);
      },
    ));

  it('keeps secrets out of events, failures and summaries', () =>
    withAgent(
      {
        steps: [step.text('It is $SOME_API_KEY.'), step.call('c1', { rawInput: { key: '$SOME_API_KEY' } })],
        replies: { 'session/prompt': errorReply(-32603, 'bad $SOME_API_KEY', 'of $SOME_API_KEY') },
      },
      async (bench) => {
        const { events, result } = await bench.run(acpConnector);
        expect(JSON.stringify(events)).not.toContain(SECRET);
        expect(result.summary).toBe('It is [secret].');
        expect(result.failure?.message).toBe('bad [secret]: of [secret]');
        expect(bench.raw.join()).toContain(SECRET); // for the receiver to redact
      },
    ));

  it('maps how a turn ends to a class of failure', async () => {
    const answer = (reply: AcpScript['replies']) => ({ replies: reply ?? {} });
    const stop = (stopReason: string) => answer({ 'session/prompt': { result: { stopReason } } });
    const error = (code: number, message: string) => answer({ 'session/prompt': errorReply(code, message) });
    for (const [script, expected] of [
      [stop('max_tokens'), 'agent_error'],
      [stop('max_turn_requests'), 'agent_error'],
      [stop('refusal'), 'agent_error'],
      [stop('cancelled'), 'agent_error'],
      [stop('boredom'), 'invalid_output'],
      [error(-32000, 'Authentication required'), 'auth'],
      [error(-32603, 'API Error: 529 Overloaded'), 'transient'],
      [error(-32603, 'too many requests'), 'rate_limited'],
      [error(-32603, 'it broke'), 'agent_error'],
      [answer({ 'session/prompt': { result: 'yes' } }), 'invalid_output'],
      [answer({ 'session/prompt': { result: {} } }), 'invalid_output'],
      [answer({ 'session/prompt': { result: {}, error: { code: 1, message: 'x' } } }), 'invalid_output'],
      [answer({ 'session/new': { result: {} } }), 'invalid_output'],
      [answer({ 'session/new': errorReply(-32000, 'Log in') }), 'auth'],
      [answer({ initialize: { result: {} } }), 'invalid_output'],
      [answer({ initialize: { result: { protocolVersion: 2 } } }), 'agent_error'],
      [{ steps: [{ signal: 'SIGSEGV' }] }, 'crashed'],
      [{ steps: [{ line: 'odd\n' }, { line: '{"jsonrpc":"2.0","id":2,"res' }, { exit: 0 }] }, 'invalid_output'],
      [{ steps: [{ errors: 'Error: 401 no key\n' }, { exit: 1 }] }, 'auth'],
    ] as const) {
      const failure = await failureOf(JSON.parse(JSON.stringify(script)) as AcpScript);
      expect([JSON.stringify(script), failure?.class]).toEqual([JSON.stringify(script), expected]);
    }
  });

  it('is slowed, not stored, when it floods', () =>
    withAgent({ steps: [{ flood: 5000 }] }, async (bench) => {
      let count = 0;
      for await (const event of acpConnector.run(bench.request, bench.io)) if (event.type === 'tool') count++;
      expect(count).toBe(10_000);
    }));

  it('ends what is left when its reader leaves', () =>
    withAgent({ steps: [{ flood: 5000 }, { wait: true }], stay: true }, async (bench) => {
      for await (const event of acpConnector.run(bench.request, bench.io)) if (event.type === 'tool') break;
    }));
});

describe('the end of a run with an agent of the protocol', () => {
  it('comes with the reason of an abort, and leaves no process', () =>
    withAgent(
      { steps: [{ spawn: fixture('leaves-grandchildren.mjs') }, { wait: true }], stay: true },
      async (bench) => {
        const lifeline = await openLifeline();
        try {
          bench.request.environment = { ...bench.request.environment, SIGNALBOX_TEST_LIFELINE: lifeline.path };
          const running = bench.run(acpConnector);
          const left = await lifeline.next();
          bench.abort({ class: 'lease_lost', message: 'Another holder has it.' });
          expect((await running).result.failure).toEqual({ class: 'lease_lost', message: 'Another holder has it.' });
          expect(bench.sent('session/cancel')).toEqual([{ sessionId: 'ses_1' }]);
          await left.ended;
          expect((await bench.run(acpConnector)).result.failure?.class).toBe('lease_lost');
        } finally {
          await lifeline.close();
        }
      },
    ));

  it('comes when the agent is silent for too long, but not while a person thinks', async () => {
    const clock = createFakeClock();
    const steps = [step.ask(edit('a.ts'), { allowed: [step.text('thanks'), { wait: true }] })];
    await withAgent(
      { steps, stay: true },
      async (bench) => {
        let answer = (): void => {};
        const asked = new Promise<void>((resolve) => {
          bench.answer = () => {
            resolve();
            return new Promise((decide) => {
              answer = () => decide({ allow: true, message: 'fine' });
            });
          };
        });
        bench.request.limits = { wallMs: 10_000_000, idleMs: 20_000, startMs: 10_000 };
        const raw = bench.io.raw;
        let heard = (): void => {};
        const thanked = new Promise<void>((resolve) => {
          heard = resolve;
        });
        bench.io.raw = (stream, line) => {
          raw(stream, line);
          if (line.includes('thanks')) setImmediate(heard);
        };
        const running = bench.run(acpConnector);
        await asked;
        await clock.advance(1_000_000);
        answer();
        await thanked;
        await clock.advance(20_001);
        expect((await running).result.failure?.class).toBe('stalled');
      },
      clock,
    );
  });

  it('comes when the agent is not up in time', async () => {
    const clock = createFakeClock();
    await withAgent(
      { replies: { initialize: { lines: [{ line: 'odd\n' }] } }, stay: true },
      async (bench) => {
        bench.request.limits = { wallMs: 60_000, idleMs: 20_000, startMs: 10_000 };
        const raw = bench.io.raw;
        const up = new Promise<void>((resolve) => {
          bench.io.raw = (stream, line) => {
            raw(stream, line);
            if (line === 'odd') resolve();
          };
        });
        const running = bench.run(acpConnector);
        await up;
        await clock.advance(10_000);
        expect((await running).result.failure).toMatchObject({
          class: 'stalled',
          message: expect.stringMatching(/not up/),
        });
      },
      clock,
    );
  });

  it('comes before the start for what it cannot do', () =>
    withAgent({}, async (bench) => {
      bench.request.run = { argv: ['ls'] };
      expect((await bench.run(acpConnector)).result.failure?.class).toBe('agent_error');
      delete bench.request.run;
      bench.request.config = { argv: ['/nowhere/agent'] };
      expect((await bench.run(acpConnector)).result.failure?.class).toBe('crashed');
    }));
});

describe('the probe of an agent of the protocol', () => {
  const probe = (
    bench: { request: { environment: Readonly<Record<string, string>>; scratch: string } },
    config = {},
  ) => {
    const TMPDIR = join(bench.request.scratch, 'probes');
    mkdirSync(TMPDIR, { recursive: true });
    const context = { config, environment: { ...bench.request.environment, TMPDIR }, clock: createFakeClock() };
    return acpConnector.probe(context);
  };

  it('tells what the agent tells, and whether it was vouched for', () =>
    withAgent(
      {
        replies: {
          initialize: {
            result: {
              protocolVersion: 1,
              agentInfo: { name: 'a', version: '9' },
              agentCapabilities: { loadSession: true },
            },
          },
        },
      },
      async (bench) => {
        expect(await probe(bench, { argv: [scriptedAcp] })).toEqual({
          installed: true,
          program: scriptedAcp,
          version: '9',
          login: 'unknown',
          capabilities: { approvals: false, resume: true, usage: false, prompts: true },
          problems: [],
        });
        const kept = { argv: [scriptedAcp], asks: true, configDir: join(bench.request.scratch, 'kept') };
        const { capabilities } = await probe(bench, kept);
        expect(capabilities).toMatchObject({ approvals: true });
        expect(existsSync(kept.configDir)).toBe(false);
        expect(readFileSync(scriptedAcp, 'utf8')).toContain('scripted');
      },
    ));

  it('tells what is in the way', () =>
    withAgent({}, async (bench) => {
      expect((await probe(bench)).problems[0]?.hint).toContain('--connector acp');
      expect(await probe(bench, { argv: ['no-such-agent'] })).toMatchObject({
        installed: false,
        problems: [{ message: 'The program no-such-agent was not found.' }],
      });
      expect(await probe(bench, { argv: [process.execPath, '-e', '0'] })).toMatchObject({
        installed: false,
        program: process.execPath,
        problems: [{ message: expect.stringContaining('did not answer as an agent') }],
      });
    }));
});
