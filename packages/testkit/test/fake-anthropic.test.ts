import { describe, expect, it } from '@jest/globals';
import { type FakeAnthropic, type Scenario, startFakeAnthropic } from '../src/index.js';

type Content = { role: string; content: unknown };

async function withFake(scenario: Scenario, test: (fake: FakeAnthropic) => Promise<void>): Promise<void> {
  const fake = await startFakeAnthropic({ scenario });
  try {
    await test(fake);
  } finally {
    await fake.close();
  }
}

const post = (fake: FakeAnthropic, messages: Content[], stream = false, signal?: AbortSignal) =>
  fetch(`${fake.url}/v1/messages?beta=true`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', stream, messages, tools: [{ name: 'Write' }], system: 'Working directory: /w' }),
    ...(signal ? { signal } : {}),
  });

const user = (content: unknown): Content => ({ role: 'user', content });
const assistant: Content = { role: 'assistant', content: 'x' };
const toolResult = user([{ type: 'tool_result', tool_use_id: 't', content: 'no such file', is_error: true }]);

describe('the fake Messages API', () => {
  it('plays the turns of the script whose pattern the prompt matches', () => {
    const scripts = [
      {
        prompt: 'write (\\S+)',
        turns: [
          { tool: { name: 'Write', input: { file_path: '{{cwd}}/{{1}}' } } },
          { text: 'said {{toolResult}} {{else}}', usage: { output_tokens: 7 } },
        ],
      },
    ];
    return withFake({ scripts }, async (fake) => {
      const first = (await (await post(fake, [user('write a.txt<system-reminder>no</system-reminder>')])).json()) as {
        content: { input: unknown }[];
        stop_reason: string;
      };
      expect(first.content[0]?.input).toEqual({ file_path: '/w/a.txt' });
      expect(first.stop_reason).toBe('tool_use');
      const second = await (await post(fake, [user('write a.txt'), assistant, toolResult])).json();
      expect(second).toMatchObject({
        content: [{ type: 'text', text: 'said [error] no such file {{else}}' }],
        stop_reason: 'end_turn',
        usage: { output_tokens: 7 },
      });
      expect(await (await post(fake, [user('other')])).json()).toMatchObject({ content: [{ text: 'ok' }] });
      expect(fake.requests.map((request) => request.turn)).toEqual([0, 1, 0]);
      expect(fake.requests[0]).toMatchObject({ prompt: 'write a.txt', tools: ['Write'], model: 'm' });
    });
  });

  it('plays the turns that the prompt itself carries', () =>
    withFake({}, async (fake) => {
      const prompt = [{ type: 'text', text: 'x <fake-model>[{"text":"one"},{"text":"two"}]</fake-model>' }];
      const system: Content = { role: 'system', content: 'in the middle' };
      const answer = await post(fake, [user(prompt), assistant, system, toolResult]);
      expect(await answer.json()).toMatchObject({ content: [{ text: 'two' }] });
      const broken = await post(fake, [user('<fake-model>[</fake-model>')]);
      expect(((await broken.json()) as { content: { text: string }[] }).content[0]?.text).toContain('not JSON');
    }));

  it('streams a message as events', () =>
    withFake({ fallback: { text: 'hello', tool: [{ name: 'Read', input: { a: 1 } }] } }, async (fake) => {
      const text = await (await post(fake, [user('go')], true)).text();
      const types = [...text.matchAll(/^event: (.+)$/gm)].map((match) => match[1]);
      expect(types).toEqual([
        'message_start',
        ...['content_block_start', 'content_block_delta', 'content_block_stop'],
        ...['content_block_start', 'content_block_delta', 'content_block_stop'],
        'message_delta',
        'message_stop',
      ]);
    }));

  it('answers with faults as often as told, for the prompts and turns told', () =>
    withFake(
      {
        faults: [
          { prompt: 'limit', times: 2, fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' } } },
          { prompt: 'busy', fault: { kind: 'overloaded' } },
          { prompt: 'who', turn: 1, fault: { kind: 'auth' } },
          { prompt: 'odd', fault: { kind: 'status', status: 500, message: 'boom' } },
        ],
      },
      async (fake) => {
        const status = async (prompt: string) => (await post(fake, [user(prompt)])).status;
        const limited = await post(fake, [user('limit')]);
        expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1']);
        expect([await status('limit'), await status('limit')]).toEqual([429, 200]);
        expect([await status('busy'), await status('who'), await status('odd')]).toEqual([529, 200, 500]);
        expect((await post(fake, [user('who'), assistant, toolResult])).status).toBe(401);
        expect(fake.requests[0]?.fault).toBe('status');
      },
    ));

  it('cuts, ends and holds connections', () =>
    withFake(
      {
        faults: [
          { prompt: 'cut$', fault: { kind: 'reset' } },
          { prompt: 'cut later', fault: { kind: 'reset_stream' } },
          { prompt: 'end', fault: { kind: 'end_stream' } },
          { prompt: 'hold$', fault: { kind: 'hang' } },
          { prompt: 'hold later', fault: { kind: 'hang_stream' } },
        ],
      },
      async (fake) => {
        await expect(post(fake, [user('cut')])).rejects.toThrow();
        await expect(post(fake, [user('cut later')], true).then((answer) => answer.text())).rejects.toThrow();
        const ended = await (await post(fake, [user('end')], true)).text();
        expect(ended).toContain('content_block_stop');
        expect(ended).not.toContain('message_delta');
        const held = await post(fake, [user('hold later')], true);
        const chunk = await held.body?.getReader().read();
        expect(Buffer.from(chunk?.value ?? []).toString()).toContain('message_start');
        const controller = new AbortController();
        const hanging = post(fake, [user('hold')], false, controller.signal);
        controller.abort();
        await expect(hanging).rejects.toThrow();
      },
    ));

  it('knows the other routes that agents call, and refuses the rest', () =>
    withFake({}, async (fake) => {
      expect((await fetch(fake.url, { method: 'HEAD' })).status).toBe(200);
      const count = await fetch(`${fake.url}/v1/messages/count_tokens`, { method: 'POST', body: '12345678' });
      expect(await count.json()).toEqual({ input_tokens: 2 });
      expect((await fetch(`${fake.url}/v1/nothing`)).status).toBe(404);
      expect((await fetch(`${fake.url}/v1/messages`, { method: 'POST', body: '{' })).status).toBe(400);
    }));
});
