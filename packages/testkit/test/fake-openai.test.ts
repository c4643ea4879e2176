import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createTempRepo, type FakeOpenAI, type OpenAIScenario, realCodex, startFakeOpenAI } from '../src/index.js';

async function withFake(scenario: OpenAIScenario, test: (fake: FakeOpenAI) => Promise<void>): Promise<void> {
  const fake = await startFakeOpenAI({ scenario });
  try {
    await test(fake);
  } finally {
    await fake.close();
  }
}

const post = (fake: FakeOpenAI, input: unknown, stream = false, signal?: AbortSignal) =>
  fetch(`${fake.url}/responses`, {
    method: 'POST',
    headers: { authorization: 'Bearer k' },
    body: JSON.stringify({ model: 'm', stream, input, tools: [{ name: 'exec_command' }, { type: 'web_search' }] }),
    ...(signal ? { signal } : {}),
  });

const user = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
const context = user('<environment_context>\n  <cwd>/w</cwd>\n</environment_context>');
const said = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'x' }] };
const call = { type: 'function_call', call_id: 'c', name: 'exec_command', arguments: '{}' };
const output = (text: string) => ({ type: 'function_call_output', call_id: 'c', output: text });

describe('the fake Responses API', () => {
  it('plays the turns of the script whose pattern the prompt matches', () => {
    const turns = [
      { text: 'I look.', tool: { name: 'exec_command', input: { cmd: 'cat {{cwd}}/{{1}}' } } },
      { tool: [{ name: 'apply_patch', input: { freeform: '*** Begin Patch' } }] },
      { text: 'said {{toolResult}}', usage: { input_tokens: 9, output_tokens: 7, cache_read_input_tokens: 4 } },
    ];
    return withFake({ scripts: [{ prompt: 'read (\\S+)', turns }] }, async (fake) => {
      const start = [{ type: 'message', role: 'developer', content: 'rules' }, context, user('read a.txt')];
      expect(await (await post(fake, start)).json()).toMatchObject({
        status: 'completed',
        output: [
          { type: 'message', content: [{ text: 'I look.' }] },
          { type: 'function_call', name: 'exec_command', arguments: '{"cmd":"cat /w/a.txt"}' },
        ],
      });
      const second = await post(fake, [...start, said, call, output('one')]);
      expect(await second.json()).toMatchObject({
        output: [{ type: 'custom_tool_call', name: 'apply_patch', input: '*** Begin Patch' }],
      });
      const third = await post(fake, [...start, said, call, call, output('a'), output('b'), call, output('c')]);
      expect(await third.json()).toMatchObject({
        output: [{ content: [{ text: 'said c' }] }],
        usage: { input_tokens: 9, input_tokens_details: { cached_tokens: 4 }, output_tokens: 7, total_tokens: 16 },
      });
      expect(await (await post(fake, 'something else')).json()).toMatchObject({
        output: [{ content: [{ text: 'ok' }] }],
      });
      expect(fake.requests.map((request) => request.turn)).toEqual([0, 1, 2, 0]);
      expect(fake.requests[0]).toMatchObject({
        prompt: 'read a.txt',
        model: 'm',
        tools: ['exec_command', 'web_search'],
        authorized: true,
      });
    });
  });

  it('streams a response as events', () =>
    withFake({ fallback: { text: 'hello', tool: { name: 'exec_command', input: { cmd: 'ls' } } } }, async (fake) => {
      const text = await (await post(fake, 'go', true)).text();
      const events = [...text.matchAll(/^data: (.+)$/gm)].map((match) => JSON.parse(match[1] ?? ''));
      expect(events.map((event) => event.type.replace('response.', ''))).toEqual([
        'created',
        ...['output_item.added', 'output_text.delta', 'output_item.done'],
        ...['output_item.added', 'output_item.done'],
        'completed',
      ]);
      expect(events.map((event) => event.sequence_number)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(events.at(-1).response.usage.output_tokens).toBeGreaterThan(0);
    }));

  it('answers with faults as often as told, for the prompts and turns told', () =>
    withFake(
      {
        faults: [
          { prompt: 'limit', times: 2, fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' } } },
          { prompt: 'busy', fault: { kind: 'overloaded' } },
          { prompt: 'who', fault: { kind: 'auth' } },
          { prompt: 'odd', fault: { kind: 'status', status: 529, message: 'boom' } },
          { prompt: 'used', fault: { kind: 'body', status: 429, body: { error: { type: 'usage_limit_reached' } } } },
        ],
      },
      async (fake) => {
        const status = async (prompt: string) => (await post(fake, prompt)).status;
        const limited = await post(fake, 'limit');
        expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1']);
        expect([await status('limit'), await status('limit')]).toEqual([429, 200]);
        expect([await status('busy'), await status('who'), await status('odd')]).toEqual([503, 401, 529]);
        expect(await (await post(fake, 'used')).json()).toEqual({ error: { type: 'usage_limit_reached' } });
        expect(fake.requests[0]?.fault).toBe('status');
      },
    ));

  it('ends streams otherwise than they should', () =>
    withFake(
      {
        faults: [
          { prompt: 'end', fault: { kind: 'end_stream' } },
          { prompt: 'fail', fault: { kind: 'failed', code: 'rate_limit_exceeded', message: 'slow down' } },
          { prompt: 'stop', fault: { kind: 'incomplete', reason: 'max_output_tokens' } },
          { prompt: 'odd', fault: { kind: 'invalid_json' } },
        ],
      },
      async (fake) => {
        const text = async (prompt: string) => (await post(fake, prompt, true)).text();
        const ended = await text('end');
        expect(ended).toContain('response.output_item.done');
        expect(ended).not.toContain('response.completed');
        expect(await text('fail')).toMatch(/"type":"response.failed".*"code":"rate_limit_exceeded"/);
        expect(await text('stop')).toMatch(/"type":"response.incomplete".*"reason":"max_output_tokens"/);
        expect(await text('odd')).toContain('<html>');
      },
    ));

  it('cuts and holds connections', () =>
    withFake(
      {
        faults: [
          { prompt: 'cut$', fault: { kind: 'reset' } },
          { prompt: 'cut later', fault: { kind: 'reset_stream' } },
          { prompt: 'hold$', fault: { kind: 'hang' } },
          { prompt: 'hold later', fault: { kind: 'hang_stream' } },
        ],
      },
      async (fake) => {
        await expect(post(fake, 'cut')).rejects.toThrow();
        await expect(post(fake, 'cut later', true).then((answer) => answer.text())).rejects.toThrow();
        const held = await post(fake, 'hold later', true);
        const chunk = await held.body?.getReader().read();
        expect(Buffer.from(chunk?.value ?? []).toString()).toContain('response.created');
        const controller = new AbortController();
        const hanging = post(fake, 'hold', false, controller.signal);
        controller.abort();
        await expect(hanging).rejects.toThrow();
      },
    ));

  it('knows the other route that agents call, and refuses the rest', () =>
    withFake({}, async (fake) => {
      expect((await fetch(`${fake.url}/models`)).status).toBe(200);
      expect((await fetch(`${fake.url}/nothing`)).status).toBe(404);
      expect((await fetch(`${fake.url}/responses`, { method: 'POST', body: '{' })).status).toBe(400);
    }));
});

describe('the real codex, with the fake Responses API', () => {
  const program = realCodex();
  if (program === null) console.log('The real codex program is not installed (npm run agents:install): not tested.');

  it('is given the turns one after another', () =>
    withFake({}, async (fake) => {
      if (program === null) return;
      const repo = createTempRepo();
      const [home, tmp] = [join(repo.path, '.git/codex'), join(repo.path, '.git/tmp')];
      for (const folder of [home, tmp]) mkdirSync(folder);
      const provider = `{ name = "fake", base_url = "${fake.url}", wire_api = "responses", env_key = "FAKE_KEY" }`;
      const settings = [`model_providers.fake=${provider}`, 'model_provider="fake"', 'model="fake-model"'];
      const turns = [{ tool: { name: 'exec_command', input: { cmd: 'true' } } }, { text: 'Two.' }];
      const args = ['exec', '--json', ...settings.flatMap((each) => ['-c', each])];
      const env = { PATH: process.env['PATH'], HOME: home, CODEX_HOME: home, TMPDIR: tmp, FAKE_KEY: 'k' };
      try {
        const stdout = await new Promise<string>((resolve) => {
          const child = execFile(program, args, { cwd: repo.path, env }, (_error, text) => resolve(text));
          child.stdin?.end(`Go. <fake-model>${JSON.stringify(turns)}</fake-model>`);
        });
        expect(stdout).toContain('"text":"Two."');
        expect(fake.requests.map(({ turn, path }) => [turn, path])).toEqual([
          [0, '/v1/responses'],
          [1, '/v1/responses'],
        ]);
        expect(fake.requests[1]?.toolResult).toMatch(/\S/);
        expect(stdout).toContain(fake.requests[0]?.session ?? 'no session');
      } finally {
        repo.remove();
      }
    }));
});
