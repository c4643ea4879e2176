import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kernel';
import { createFakeClock, createTempDir } from '@signalbox/testkit';
import { checkConfig, codexConnector } from '../src/index.js';
import { type CodexScript, line, withStandIn } from './codex-bench.js';

const done = [line.started, line.turn, line.text('Done.'), line.completed()];

describe('the codex connector, with a stand-in', () => {
  it('gives the prompt on the input, and settings and folders of its own', () =>
    withStandIn({ lines: done }, async (bench, given) => {
      bench.request.config = { ...bench.request.config, model: 'm-1' };
      const { events, result } = await bench.run(codexConnector);
      expect(events.map((event) => event.type)).toEqual(['started', 'text', 'result']);
      expect(result).toEqual({
        type: 'result',
        failure: null,
        exitCode: 0,
        usage: { inputTokens: 40, cacheReadTokens: 60, outputTokens: 7 },
        session: line.started.thread_id,
        summary: 'Done.',
      });
      const { argv, env, prompt } = given();
      expect(prompt).toBe('do it');
      expect(argv.slice(0, 2)).toEqual(['exec', '--json']);
      expect(argv.at(-1)).toBe('-');
      expect(argv).toEqual(expect.arrayContaining(['--ignore-user-config', '--ignore-rules', '--model', 'm-1']));
      expect(argv).toEqual(expect.arrayContaining(['approval_policy="never"', 'features.hooks=false']));
      expect(argv.join()).not.toMatch(/danger|bypass|key-of-the-test/);
      const { scratch } = bench.request;
      expect(env).toMatchObject({ CODEX_HOME: join(scratch, 'codex'), TMPDIR: join(scratch, 'tmp'), TZ: 'UTC' });
    }));

  it('resumes a session that is kept, and reports no usage that it cannot tell from the earlier', () =>
    withStandIn({ lines: done }, async (bench, given) => {
      bench.request.session = line.started.thread_id;
      expect((await bench.run(codexConnector)).result.failure).toBeNull();
      expect(given().argv).not.toContain('resume');
      const configDir = join(bench.request.scratch, 'kept');
      mkdirSync(join(configDir, 'sessions'), { recursive: true });
      writeFileSync(join(configDir, 'sessions', `rollout-${line.started.thread_id}.jsonl`), '');
      bench.request.sessionFolder = configDir;
      const { result } = await bench.run(codexConnector);
      expect(result).toMatchObject({ failure: null, usage: {} });
      expect(given().argv.slice(-3)).toEqual(['resume', line.started.thread_id, '-']);
      expect(given().env['CODEX_HOME']).toBe(configDir);
      bench.request.session = '--last';
      await bench.run(codexConnector);
      expect(given().argv).not.toContain('--last');
    }));

  it('keeps secrets out of events, failures and summaries', () =>
    withStandIn(
      {
        lines: [line.started, line.turn, line.text('It is key-of-the-test.'), line.retry('bad key-of-the-test')],
        errors: 'panic: key-of-the-test',
        exitCode: 1,
      },
      async (bench) => {
        const { events, result } = await bench.run(codexConnector);
        expect(JSON.stringify(events)).not.toContain('key-of-the-test');
        expect(result.summary).toBe('It is [secret].');
        expect(result.failure).toMatchObject({ class: 'invalid_output', message: expect.stringMatching(/\[secret\]/) });
        expect(bench.raw.join()).toContain('key-of-the-test'); // for the receiver to redact
      },
    ));

  it('maps how a run ends to a class of failure', async () => {
    const usageLimit = line.failed('You’ve hit your usage limit. Try again at 2:16 PM.');
    for (const [script, expected] of [
      [{ lines: [...done.slice(0, 3), line.failed('unexpected status 500')], exitCode: 1 }, { class: 'transient' }],
      [{ lines: [line.started, usageLimit] }, { class: 'rate_limited', resumeAt: expect.any(Number) }],
      [{ lines: ['no json', '{"type":', '[]', ...done] }, null],
      [{ lines: done.slice(0, 3) }, { class: 'invalid_output' }],
      [{ lines: done, exitCode: 4 }, { class: 'invalid_output' }],
      [{ lines: [], errors: 'no such option', exitCode: 2 }, { class: 'agent_error' }],
      [{ lines: done.slice(0, 2), signal: 'SIGSEGV' }, { class: 'crashed' }],
    ] as const) {
      await withStandIn(JSON.parse(JSON.stringify(script)) as CodexScript, async (bench) => {
        const { failure } = (await bench.run(codexConnector)).result;
        if (expected === null) expect(failure).toBeNull();
        else expect(failure).toMatchObject(expected);
      });
    }
  });

  it('fails at once when the log-in is refused, instead of waiting for the retries', () =>
    withStandIn(
      { lines: [line.started, line.turn, line.retry('unexpected status 401')], stay: true },
      async (bench) => {
        expect((await bench.run(codexConnector)).result.failure?.class).toBe('auth');
      },
    ));

  it('stops an agent that is not up, silent or too slow, or that waits or stays too long', async () => {
    const limits = { wallMs: 300_000, idleMs: 200_000, startMs: 100_000 };
    const [limited, begun] = [line.retry('last status: 429 Too Many Requests'), [line.started, line.turn]];
    for (const [lines, change, advance, expected] of [
      [['warming up', { type: 'new' }], {}, 100_000, 'stalled'],
      [begun, {}, 200_000, 'stalled'],
      [begun, { idleMs: 900_000 }, 300_000, 'timeout'],
      [[...begun, limited], {}, 60_000, 'rate_limited'],
      [[...begun, limited], { idleMs: 50_000 }, 25_000, 'rate_limited'],
      [done, {}, 10_000, 'invalid_output'],
    ] as const) {
      const clock = createFakeClock();
      const script = { lines: [...lines, { type: 'last' }] as JsonObject[], stay: true };
      await withStandIn(
        script,
        async (bench) => {
          bench.request.limits = { ...limits, ...change };
          const { raw } = bench.io;
          bench.io.raw = (stream, text) => {
            raw(stream, text);
            if (text.includes('"last"')) void moveOn();
          };
          // The line is being handled: when that has had many turns to set its timers, time moves on.
          const moveOn = async (): Promise<void> => {
            for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
            await clock.advance(advance + 4000);
          };
          expect((await bench.run(codexConnector)).result.failure?.class).toBe(expected);
        },
        clock,
      );
    }
  });

  it('stops with the reason of the signal, before and during the run', () =>
    withStandIn({ lines: [line.started, line.turn], stay: true }, async (bench) => {
      const failure = { class: 'lease_lost', message: 'Another holder has it.' } as const;
      const { result } = await bench.run(codexConnector, (event) => {
        if (event.type === 'started') bench.abort(failure);
      });
      expect(result.failure).toEqual(failure);
      expect((await bench.run(codexConnector)).events).toHaveLength(1);
    }));

  it('leaves nothing when the consumer walks away', () =>
    withStandIn({ lines: [line.started], stay: true }, async (bench) => {
      for await (const event of codexConnector.run(bench.request, bench.io)) if (event.type === 'started') break;
    }));

  it('refuses a run line, and a program that is not there', () =>
    withStandIn({}, async (bench) => {
      bench.request.config = { program: 'no-such-codex' };
      expect((await bench.run(codexConnector)).result.failure?.class).toBe('crashed');
      bench.request.run = { shell: 'true' };
      expect((await bench.run(codexConnector)).result.failure?.class).toBe('agent_error');
    }));
});

describe('the configuration of codex', () => {
  it('is closed: no other arguments, no wider sandbox, no address with a password', async () => {
    const good = { model: 'm', sandbox: 'read-only', network: false, baseUrl: 'https://h:8080/v1', configDir: '/kept' };
    expect(
      await checkConfig(codexConnector, { ...good, keyVariable: 'K', reasoningEffort: 'high', env: ['K'] }),
    ).toEqual([]);
    for (const bad of [
      { sandbox: 'danger-full-access' },
      { args: ['--yolo'] },
      { baseUrl: 'https://ann:secret@h/v1' },
      { configDir: 'kept' },
      { model: '--last' },
    ]) {
      expect(await checkConfig(codexConnector, bad)).toHaveLength(1);
    }
  });
});

describe('the probe of codex', () => {
  const probe = async (answers: string, environment: Record<string, string> = {}, config: JsonObject = {}) => {
    const dir = createTempDir();
    try {
      const program = join(dir.path, 'codex');
      writeFileSync(program, `#!/bin/sh\n${answers}\n`);
      chmodSync(program, 0o755);
      mkdirSync(join(dir.path, 'tmp'));
      const own = { PATH: process.env['PATH'] ?? '', TMPDIR: join(dir.path, 'tmp'), ...environment };
      return await codexConnector.probe({ config: { program, ...config }, environment: own, clock: createFakeClock() });
    } finally {
      dir.remove();
    }
  };
  const version = '[ "$1" = --version ] && echo "warning: odd" && echo "codex-cli 0.169.0" && exit 0';

  it('tells version, log-in and capabilities', async () => {
    expect(await probe(version, { OPENAI_API_KEY: 'very-secret' }, { configDir: '/kept' })).toEqual({
      installed: true,
      program: expect.stringMatching(/\/codex$/),
      version: '0.169.0',
      login: 'ready',
      capabilities: { approvals: false, resume: true, usage: true, prompts: true },
      problems: [],
    });
  });

  it('tells how strictly its sandbox holds, if that works', async () => {
    expect((await probe(`${version}\nexit 0`)).sandbox).toBe('workspace-write');
    expect((await probe(`${version}\nexit 0`, {}, { sandbox: 'read-only' })).sandbox).toBe('read-only');
    expect(await probe(`${version}\nexit 1`)).not.toHaveProperty('sandbox');
  });

  it('tells what is in the way, and what to do', async () => {
    const fault = 'bwrap: setting up uid map: Permission denied';
    const report = await probe(`${version}\necho "${fault}" >&2; exit 1`);
    expect(report).toMatchObject({ installed: true, login: 'missing' });
    expect(report.problems.map((problem) => problem.message)).toEqual([
      `The sandbox of codex does not work on this machine (${fault}).`,
      expect.stringContaining('no log-in'),
    ]);
    expect((await probe('exit 1')).problems[0]?.message).toContain('did not tell its version');
    expect((await probe(version, { TMPDIR: '/nowhere' })).installed).toBe(false);
    const absent = await probe('', {}, { program: 'no-such-codex' });
    expect(absent).toMatchObject({
      installed: false,
      problems: [{ hint: expect.stringContaining('npm install') }, {}],
    });
  });

  it('does not wait for a program that hangs', async () => {
    const dir = createTempDir();
    try {
      const clock = createFakeClock();
      const program = join(dir.path, 'codex');
      writeFileSync(program, '#!/bin/sh\nexec sleep 600\n');
      chmodSync(program, 0o755);
      const own = { PATH: process.env['PATH'] ?? '', TMPDIR: dir.path };
      const probing = codexConnector.probe({ config: { program }, environment: own, clock });
      await clock.advance(4500);
      expect((await probing).installed).toBe(false);
    } finally {
      dir.remove();
    }
  });
});
