import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kernel';
import { createFakeClock, createTempDir, FAKE_START } from '@signalbox/testkit';
import { chooseProvider, loginState } from '../src/codex/login.js';
import { judgeRun } from '../src/codex/outcome.js';
import { failureOfMessage } from '../src/codex/provider-error.js';
import { createReading } from '../src/codex/reading.js';
import { resumeTimeOf } from '../src/codex/resume-time.js';
import { tokensOfSession } from '../src/codex/session-record.js';
import { codexSettings } from '../src/codex/settings.js';
import { usageBetween } from '../src/codex/tokens.js';
import type { AgentEvent } from '../src/index.js';
import { createRedactor } from '../src/secrets.js';
import { line } from './codex-bench.js';

/** Reads lines; gives the events and the findings. */
function read(...lines: JsonObject[]) {
  const reading = createReading(createFakeClock());
  const events: AgentEvent[] = lines.flatMap((each) => reading.read(each));
  return { events, findings: reading.findings };
}

const ended = { code: 0, signal: null, stopped: null };
const judge = (lines: JsonObject[], exit: Partial<typeof ended> | object = {}, errors = '') =>
  judgeRun({ ...ended, ...exit }, read(...lines).findings, errors);

describe('reading the lines of codex', () => {
  it('makes events of a run', () => {
    const change = { id: 'item_2', type: 'file_change', changes: [{ path: '/w/a.txt', kind: 'add' }] };
    const command = { id: 'item_3', type: 'command_execution', command: 'ls', aggregated_output: '' };
    const { events, findings } = read(
      line.started,
      line.warning('Model metadata not found.'),
      line.turn,
      line.text('I edit.'),
      { type: 'item.started', item: { ...change, status: 'in_progress' } },
      { type: 'item.completed', item: { ...change, status: 'completed' } },
      { type: 'item.started', item: { ...command, status: 'in_progress' } },
      { type: 'item.completed', item: { ...command, aggregated_output: 'x', exit_code: 3, status: 'failed' } },
      line.text('Done.'),
      line.completed(),
    );
    expect(events).toEqual([
      { type: 'started', session: line.started.thread_id },
      { type: 'text', text: 'codex warns: Model metadata not found.' },
      { type: 'text', text: 'I edit.' },
      { type: 'tool', id: 'item_2', name: 'file_change', phase: 'call', input: { changes: change.changes } },
      { type: 'tool', id: 'item_2', name: 'file_change', phase: 'result', error: false },
      { type: 'tool', id: 'item_3', name: 'command_execution', phase: 'call', input: { command: 'ls' } },
      { type: 'tool', id: 'item_3', name: 'command_execution', phase: 'result', error: true },
      { type: 'text', text: 'Done.' },
    ]);
    expect(findings).toMatchObject({ turn: 'completed', lastText: 'Done.', failure: null });
  });

  it('gives a call also for what is told only at its end', () => {
    const item = { id: 'ws_1', type: 'web_search', query: 'x' };
    expect(read({ type: 'item.completed', item }).events).toEqual([
      { type: 'tool', id: 'ws_1', name: 'web_search', phase: 'call', input: { query: 'x' } },
      { type: 'tool', id: 'ws_1', name: 'web_search', phase: 'result', error: false },
    ]);
  });

  it('passes over what it does not know, and what is cut', () => {
    const unknown: JsonObject[] = [
      {},
      { type: 'thread.renamed' },
      { type: 'toString' },
      { type: 'item.completed' },
      { type: 'item.started', item: 7 },
      { type: 'item.updated', item: { id: 'a', type: 'todo_list' } },
      { type: 'item.started', item: { id: 'a', type: 'reasoning' } },
      { type: 'item.completed', item: { id: 'a', type: 'reasoning', text: 'hm' } },
      { type: 'item.completed', item: { id: 'a', type: 'agent_message' } },
      { type: 'item.completed', item: { id: 'a', type: 'error' } },
    ];
    expect(read(...unknown).events).toEqual([]);
    expect(read({ type: 'thread.started' }, line.started).events).toEqual([{ type: 'started' }]);
  });

  it('takes a retry for waiting until the model answers', () => {
    const retrying = read(line.started, line.turn, line.retry('unexpected status 503 Service Unavailable: x'));
    expect(retrying.events.at(-1)).toMatchObject({ type: 'waiting', reason: expect.stringContaining('503') });
    expect(retrying.findings.retrying?.class).toBe('transient');
    expect(read(line.retry('status 503'), line.text('here')).findings.retrying).toBeNull();
  });
});

describe('judging a run of codex', () => {
  const done = [line.started, line.turn, line.text('Done.'), line.completed()];

  it('needs every sign of success', () => {
    expect(judge(done)).toBeNull();
    expect(judge(done, { code: 1 }, 'odd')).toMatchObject({
      class: 'invalid_output',
      message: 'codex reported success without exit code 0 (it was 1): odd',
    });
    expect(judge(done.slice(0, 3))).toMatchObject({ class: 'invalid_output' });
    expect(judge([])).toMatchObject({ class: 'invalid_output' });
    expect(judge([...done, line.turn])).toMatchObject({ class: 'invalid_output' });
    expect(judge([...done, line.failed('boom')])?.class).toBe('agent_error');
    expect(judge([...done, line.error('boom')])?.class).toBe('agent_error');
    expect(judge([{ type: 'turn.failed' }])?.class).toBe('agent_error');
    expect(judge([{ type: 'error' }])?.class).toBe('agent_error');
  });

  it('lets a completed turn outweigh the errors before it', () => {
    expect(judge([line.started, line.turn, line.error('status 500'), line.completed()])).toBeNull();
  });

  it('tells a crash from an end without a word', () => {
    expect(judge([line.started, line.turn], { code: null, signal: 'SIGSEGV' })?.class).toBe('crashed');
    const refused = judge([], { code: 2 }, "error: unexpected argument '--nope' found\n");
    expect(refused).toMatchObject({ class: 'agent_error', message: expect.stringContaining('--nope') });
    expect(judge([line.started], { code: 1 })?.class).toBe('invalid_output');
  });

  it('takes a completed turn for a failure when the sandbox let nothing work', () => {
    const fault = 'bwrap: Creating new namespace failed: nesting depth exceeded (ENOSPC)';
    const broken = line.command({ aggregated_output: `${fault}\n`, exit_code: 1, status: 'failed' });
    expect(judge([line.started, line.turn, broken, line.completed()])).toMatchObject({
      class: 'agent_error',
      message: expect.stringContaining(fault),
    });
    const worked = line.command({ exit_code: 0, status: 'completed' });
    expect(judge([line.started, line.turn, broken, worked, line.completed()])).toBeNull();
    const other = line.command({ aggregated_output: 'ls: no', exit_code: 2, status: 'failed' });
    expect(judge([line.started, line.turn, other, line.completed()])).toBeNull();
  });
});

describe('what codex says of its provider', () => {
  it('stands for a class of failure', () => {
    for (const [message, expected] of [
      ['unexpected status 401 Unauthorized: Incorrect API key provided, url: http://h/v1/responses', 'auth'],
      ['unexpected status 402 Payment Required: pay', 'auth'],
      ['Missing environment variable: `OPENAI_API_KEY`.', 'auth'],
      ['Quota exceeded. Check your plan and billing details.', 'auth'],
      ['To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus.', 'auth'],
      ['Your access token could not be refreshed. Please log out and sign in again.', 'auth'],
      ['exceeded retry limit, last status: 429 Too Many Requests', 'rate_limited'],
      ['You’ve hit your usage limit.', 'rate_limited'],
      ['unexpected status 529 <unknown status code>: over', 'transient'],
      ['We’re currently experiencing high demand, which may cause temporary errors.', 'transient'],
      ['Selected model is at capacity. Please try a different model.', 'transient'],
      ['stream disconnected before completion: idle timeout waiting for SSE', 'transient'],
      ['Connection failed: error sending request', 'transient'],
      ['stream disconnected before completion: Incomplete response returned, reason: content_filter', 'agent_error'],
      ["Codex ran out of room in the model's context window.", 'agent_error'],
      ['{"error":{"type":"invalid_request_error","message":"bad"}}', 'agent_error'],
      ['unexpected status 404 Not Found: model not found', 'agent_error'],
      ['Something new', 'agent_error'],
    ] as const) {
      expect([message, failureOfMessage(message, 0).class]).toEqual([message, expected]);
    }
  });

  it('tells when a limit ends', () => {
    // The fake clock starts at midnight UTC, on the first of January 2026.
    const minutes = (text: string) => {
      const time = resumeTimeOf(text, FAKE_START);
      return time === null ? null : (time - FAKE_START) / 60_000;
    };
    expect(minutes('Please try again in 30s.')).toBe(0.5);
    expect(minutes('try again in 2 days 3 hours 1 minute')).toBe(51 * 60 + 1);
    expect(minutes('try again in 1m30.5s')).toBeCloseTo(1.5083, 3);
    expect(resumeTimeOf('Please try again in 10ms.', FAKE_START)).toBe(FAKE_START + 10);
    expect(minutes('or try again at 2:16 PM.')).toBe(14 * 60 + 17);
    expect(minutes('or try again at 12:05 AM.')).toBe(6);
    expect(resumeTimeOf('try again at 12:05 AM', FAKE_START + 3_600_000)).toBe(FAKE_START + 86_400_000 + 360_000);
    expect(minutes('try again at Jan 3rd, 2026 12:00 PM.')).toBe(60 * 60 + 1);
    for (const odd of ['', 'try again later', 'try again at Jan 3rd, 2024 1:00 PM', 'try again in 900 days']) {
      expect([odd, minutes(odd)]).toEqual([odd, null]);
    }
    expect(failureOfMessage('rate limit exceeded: Please try again in 30s.', FAKE_START)).toEqual({
      class: 'rate_limited',
      message: 'rate limit exceeded: Please try again in 30s.',
      resumeAt: FAKE_START + 30_000,
    });
  });
});

describe('the settings of codex', () => {
  it('forbid what nobody asked for, and name our own provider', () => {
    const settings = codexSettings({}, { OPENAI_API_KEY: 'k' });
    expect(settings).toMatchObject({
      approval_policy: 'never',
      sandbox_mode: 'workspace-write',
      'sandbox_workspace_write.network_access': false,
      web_search: 'disabled',
      'features.hooks': false,
      'model_providers.signalbox.base_url': 'https://api.openai.com/v1',
      'model_providers.signalbox.env_key': 'OPENAI_API_KEY',
    });
    expect(Object.keys(settings)).not.toContain('shell_environment_policy.set.TZ');
  });

  it('follow the configuration', () => {
    const config = { sandbox: 'read-only', network: true, reasoningEffort: 'low', keyVariable: 'MY_KEY' };
    expect(codexSettings(config, { OPENAI_BASE_URL: 'http://h/v1', TZ: 'Asia/Tokyo' })).toMatchObject({
      sandbox_mode: 'read-only',
      'sandbox_workspace_write.network_access': true,
      model_reasoning_effort: 'low',
      'shell_environment_policy.exclude': ['OPENAI_*', 'CODEX_*', 'TZ', 'MY_KEY'],
      'shell_environment_policy.set.TZ': 'Asia/Tokyo',
      'model_providers.signalbox.base_url': 'http://h/v1',
      'model_providers.signalbox.env_key': 'MY_KEY',
    });
  });
});

describe('the log-in of codex', () => {
  it('is a key, a token, or what its own folder holds', () => {
    const dir = createTempDir();
    try {
      expect(loginState({}, {})).toBe('missing');
      expect(loginState({}, { OPENAI_API_KEY: 'k' })).toBe('ready');
      expect(loginState({}, { CODEX_ACCESS_TOKEN: 't' })).toBe('ready');
      expect(loginState({ keyVariable: 'MY_KEY' }, { OPENAI_API_KEY: 'k' })).toBe('missing');
      expect(loginState({ baseUrl: 'http://h/v1' }, {})).toBe('unknown');
      expect(loginState({ configDir: dir.path }, {})).toBe('missing');
      writeFileSync(join(dir.path, 'auth.json'), '{}');
      expect(loginState({ configDir: dir.path }, {})).toBe('ready');
    } finally {
      dir.remove();
    }
  });

  it('leaves the provider to codex only where there is neither a key nor an address', () => {
    expect(chooseProvider({}, {})).toBeNull();
    expect(codexSettings({}, {})).not.toHaveProperty('model_provider');
    expect(chooseProvider({ baseUrl: 'http://h/v1' }, {})).toEqual({ baseUrl: 'http://h/v1', keyVariable: null });
    expect(codexSettings({ baseUrl: 'http://h/v1' }, {})).toHaveProperty('model_provider', 'signalbox');
    const both = { CODEX_API_KEY: 'a', OPENAI_API_KEY: 'b' };
    expect(chooseProvider({}, both)?.keyVariable).toBe('CODEX_API_KEY');
  });
});

describe('secrets', () => {
  it('are taken out of a text by their values', () => {
    const environment = {
      OPENAI_API_KEY: 'sk-12345678',
      MY_TOKEN: 'a"bcdefgh',
      LOG_IN: 'hidden-too',
      HOME: '/home/ann',
    };
    const redact = createRedactor({ ...environment, SHORT_KEY: 'abc' }, ['LOG_IN']);
    expect(redact('sk-12345678 a"bcdefgh a\\"bcdefgh hidden-too abc /home/ann')).toBe(
      '[secret] [secret] [secret] [secret] abc /home/ann',
    );
  });
});

describe('the tokens of a session', () => {
  const session = '01a20856-886c-7141-a546-6d2970b37535';
  const count = (input: number, output: number) =>
    JSON.stringify({
      type: 'event_msg',
      payload: { type: 'token_count', info: { total_token_usage: { input_tokens: input, output_tokens: output } } },
    });

  it('are read from the last count in its record', () => {
    const dir = createTempDir();
    try {
      expect(tokensOfSession(dir.path, session)).toBeNull();
      const folder = join(dir.path, 'sessions/2026/01/02');
      mkdirSync(folder, { recursive: true });
      expect(tokensOfSession(dir.path, session)).toBeNull();
      const file = join(folder, `rollout-2026-01-02T03-04-05-${session}.jsonl`);
      writeFileSync(file, `${count(10, 1)}\n${count(30, 3)}\n{"payload":{"type":"token_count","info":null}}\nno\n`);
      expect(tokensOfSession(dir.path, session)).toEqual({ input: 30, output: 3, cached: 0 });
      writeFileSync(file, 'x\n');
      expect(tokensOfSession(dir.path, session)).toBeNull();
    } finally {
      dir.remove();
    }
  });

  it('make the usage of a run, and none when one end is not known', () => {
    const before = { input: 100, cached: 40, output: 5 };
    expect(usageBetween(before, { input: 160, cached: 80, output: 9 })).toEqual({
      inputTokens: 20,
      cacheReadTokens: 40,
      outputTokens: 4,
    });
    expect(usageBetween(null, before)).toEqual({});
  });
});
