import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createFakeClock, fixture, openLifeline } from '@signalbox/testkit';
import { commandConnector } from '../src/index.js';
import { withRun } from './run-bench.js';

const texts = (events: { type: string; text?: string }[]) =>
  events.filter((event) => event.type === 'text').map((event) => event.text);

describe('the command connector', () => {
  it('runs the line of a command task in the workspace and streams its output', () =>
    withRun(async (bench) => {
      bench.request.run = { shell: 'pwd; echo "$SIGNALBOX_AI [$SIGNALBOX_PROMPT_FILE]"' };
      const { events, result } = await bench.run(commandConnector);
      expect(events[0]).toEqual({ type: 'started' });
      expect(texts(events)).toEqual([bench.repo.path, 'ai-1 []']);
      expect(result).toEqual({ type: 'result', failure: null, exitCode: 0, usage: {}, summary: 'ai-1 []' });
      expect(bench.raw).toEqual([`out ${bench.repo.path}`, 'out ai-1 []']);
      expect(bench.asked).toEqual([]);
    }));

  it('gives the prompt to the configured program, on its input and in a file', () =>
    withRun(async (bench) => {
      bench.request.config = { argv: ['sh', '-c', 'cat; cat "$SIGNALBOX_PROMPT_FILE" > from-file'] };
      const { events, result } = await bench.run(commandConnector);
      expect(texts(events)).toEqual(['do it']);
      expect(readFileSync(`${bench.repo.path}/from-file`, 'utf8')).toBe('do it');
      expect(result.failure).toBeNull();
      bench.request.config = { shell: 'wc -c' };
      expect(texts((await bench.run(commandConnector)).events)[0]?.trim()).toBe('5');
    }));

  it('fails as an agent error when the command does, quoting its last errors', () =>
    withRun(async (bench) => {
      bench.request.run = { argv: ['sh', '-c', 'echo no good >&2; exit 9'] };
      const { result } = await bench.run(commandConnector);
      expect(result).toMatchObject({ exitCode: 9, failure: { class: 'agent_error' } });
      expect(result.failure?.message).toContain('no good');
    }));

  it('lets a program that closes its output go on to its end', () =>
    withRun(async (bench) => {
      const work = 'n=0; while [ $n -lt 30000 ]; do n=$((n+1)); done; echo late > late.txt';
      bench.request.run = { argv: ['sh', '-c', `exec >&- 2>&-; ${work}`] };
      const { result } = await bench.run(commandConnector);
      expect(result).toMatchObject({ failure: null, exitCode: 0 });
      expect(readFileSync(`${bench.repo.path}/late.txt`, 'utf8')).toBe('late\n');
    }));

  it('tells a crash from an error', () =>
    withRun(async (bench) => {
      bench.request.run = { argv: [process.execPath, fixture('half-line.mjs')] };
      expect((await bench.run(commandConnector)).result.failure?.class).toBe('crashed');
      bench.request.run = { argv: ['no-such-program'] };
      expect((await bench.run(commandConnector)).result.failure?.class).toBe('crashed');
    }));

  it('says so when there is nothing to run', () =>
    withRun(async (bench) => {
      const { result } = await bench.run(commandConnector);
      expect(result.failure).toMatchObject({ class: 'agent_error', message: expect.stringContaining('no command') });
    }));

  it('ends the tree at the wall-clock limit and at the idle limit', async () => {
    for (const [limits, expected] of [
      [{ wallMs: 5000, idleMs: 9000, startMs: 1 }, 'timeout'],
      [{ wallMs: 9000, idleMs: 5000, startMs: 1 }, 'stalled'],
    ] as const) {
      const clock = createFakeClock();
      const lifeline = await openLifeline();
      try {
        await withRun(async (bench) => {
          bench.request.limits = limits;
          bench.request.environment = { ...bench.request.environment, SIGNALBOX_TEST_LIFELINE: lifeline.path };
          bench.request.run = { argv: [process.execPath, fixture('leaves-grandchildren.mjs'), '--stay'] };
          const running = bench.run(commandConnector);
          const left = await lifeline.next();
          await clock.advance(5000);
          expect((await running).result.failure?.class).toBe(expected);
          await left.ended;
        }, clock);
      } finally {
        await lifeline.close();
      }
    }
  });

  it('stops with the reason of the signal, before and during the run', () =>
    withRun(async (bench) => {
      const failure = { class: 'lease_lost', message: 'Another holder has it.' } as const;
      bench.request.run = { shell: 'echo up; exec sleep 600' };
      const { result } = await bench.run(commandConnector, (event) => {
        if (event.type === 'text') bench.abort(failure);
      });
      expect(result).toMatchObject({ failure, exitCode: null });
      expect((await bench.run(commandConnector)).events).toHaveLength(1);
    }));

  it('leaves nothing when the consumer walks away', () =>
    withRun(async (bench) => {
      bench.request.run = { shell: 'echo up; exec sleep 600' };
      for await (const event of commandConnector.run(bench.request, bench.io)) if (event.type === 'text') break;
    }));

  it('knows whether its program is there', async () => {
    const environment = { PATH: process.env['PATH'] ?? '' };
    const probe = (config: Record<string, string | string[]>) =>
      commandConnector.probe({ config, environment, clock: createFakeClock() });
    expect(await probe({})).toMatchObject({ installed: true, login: 'not-needed', capabilities: { prompts: false } });
    expect(await probe({ shell: 'x' })).toMatchObject({ installed: true, program: expect.stringMatching(/\/sh$/) });
    expect(await probe({ argv: ['no-such-program'] })).toMatchObject({
      installed: false,
      problems: [{ message: expect.stringContaining('no-such-program') }],
    });
  });
});
