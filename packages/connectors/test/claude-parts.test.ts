import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '@signalbox/testkit';
import { sessionIdOf } from '../src/claude-code/arguments.js';
import { parseLine } from '../src/claude-code/json-access.js';
import { judgeRun, usageOf } from '../src/claude-code/outcome.js';
import { createPermissions } from '../src/claude-code/permissions.js';
import { createReading, type Findings } from '../src/claude-code/reading.js';
import { createRunningUsage } from '../src/claude-code/running-usage.js';
import { requestOfTool } from '../src/claude-code/tool-request.js';

describe('the request of a tool call', () => {
  it('is what the tool is about to do', () => {
    const cases: [string, Record<string, string>, unknown][] = [
      ['Bash', { command: 'ls' }, { action: 'shell.run', command: 'ls', cwd: '/w' }],
      ['Read', { file_path: 'a' }, { action: 'file.read', path: 'a' }],
      ['Grep', { pattern: 'x' }, { action: 'file.read', path: '/w' }],
      ['Glob', { path: '/etc' }, { action: 'file.read', path: '/etc' }],
      ['Glob', { pattern: '**/*.ts' }, { action: 'file.read', path: '/w/**/*.ts' }],
      ['Glob', { pattern: '/etc/**' }, { action: 'file.read', path: '/etc/**' }],
      ['Glob', { pattern: '../**', path: 'src/' }, { action: 'file.read', path: 'src/../**' }],
      ['Grep', { pattern: '/x', glob: '.env' }, { action: 'file.read', path: '/w/.env' }],
      ['Grep', { pattern: 'x', glob: '*', path: '/' }, { action: 'file.read', path: '/*' }],
      ['Grep', { pattern: 'x', glob: '!a' }, { action: 'file.read', path: '/w' }],
      ['LS', { path: 'src', pattern: 'x' }, { action: 'file.read', path: 'src' }],
      ['Edit', { file_path: 'a' }, { action: 'file.write', path: 'a' }],
      ['NotebookEdit', { notebook_path: 'n' }, { action: 'file.write', path: 'n' }],
      ['WebFetch', { url: 'https://x' }, { action: 'net.fetch', url: 'https://x' }],
      ['WebSearch', { query: 'x' }, { action: 'tool.call', tool: 'WebSearch', input: { query: 'x' } }],
      ['mcp__git__push', {}, { action: 'tool.call', server: 'git', tool: 'push', input: {} }],
      ['constructor', {}, { action: 'tool.call', tool: 'constructor', input: {} }],
    ];
    for (const [tool, input, request] of cases) expect(requestOfTool(tool, input, '/w')).toEqual(request);
  });

  it('is null when the tool does not say what it acts on', () => {
    for (const tool of ['Bash', 'Read', 'Write', 'WebFetch']) expect(requestOfTool(tool, {}, '/w')).toBeNull();
    expect(requestOfTool('Grep', { path: 7 }, '/w')).toBeNull();
    expect(requestOfTool('Grep', { glob: ['.env'] }, '/w')).toBeNull();
    expect(requestOfTool('Glob', { pattern: 7 }, '/w')).toBeNull();
  });
});

describe('answers to control requests', () => {
  const call = { tool_name: 'Write', tool_use_id: 't1' };
  const hook = {
    request_id: 'h',
    request: { subtype: 'hook_callback', input: { ...call, tool_input: { file_path: 'a' } } },
  };
  const prompt = { request_id: 'p', request: { subtype: 'can_use_tool', ...call, input: { file_path: 'a' } } };

  it('decide one call once, though hook and prompt both ask', async () => {
    const sent: unknown[] = [];
    let decisions = 0;
    const answer = createPermissions({
      decide: async () => ({ allow: decisions++ === 0, message: 'm' }),
      send: (message) => void sent.push(message),
      workspace: '/w',
      onStop: () => {},
    });
    await answer(hook);
    await answer(prompt);
    expect(decisions).toBe(1);
    expect(sent[1]).toMatchObject({ response: { response: { behavior: 'allow', updatedInput: { file_path: 'a' } } } });
  });

  it('refuse a prompt without input, and requests that are not known', async () => {
    const sent: string[] = [];
    const answer = createPermissions({
      decide: async () => ({ allow: true, message: 'm' }),
      send: (message) => void sent.push(JSON.stringify(message)),
      workspace: '/w',
      onStop: () => {},
    });
    await answer({ request_id: 'p', request: { subtype: 'can_use_tool', tool_name: 'X' } });
    await answer({ request: { subtype: 'new_thing' } });
    expect(sent[0]).toContain('"behavior":"deny"');
    expect(sent[1]).toContain('"subtype":"error"');
  });
});

describe('the judgement of a run', () => {
  const exit = { code: 0, signal: null, stopped: null };
  const clean: Findings = {
    started: true,
    session: null,
    result: { subtype: 'success', is_error: false, stop_reason: 'end_turn', terminal_reason: 'completed' },
    providerError: null,
    resumeAt: null,
    lastText: '',
  };
  const judge = (result: Record<string, string | number | boolean | null>, providerError: string | null = null) =>
    judgeRun({ ...exit, code: 1 }, { ...clean, result, providerError }, '')?.class;

  it('is success only with every sign of it', () => {
    expect(judgeRun(exit, clean, '')).toBeNull();
    expect(judgeRun({ ...exit, code: 1 }, clean, '')?.class).toBe('invalid_output');
    for (const terminal_reason of ['hook_stopped', 'tool_deferred', 'something_new']) {
      const result = { ...clean.result, terminal_reason };
      expect(judgeRun(exit, { ...clean, result }, '')?.message).toContain(terminal_reason);
    }
    expect(judgeRun(exit, { ...clean, result: { ...clean.result, is_error: 'no' } }, '')).not.toBeNull();
  });

  it('tells who must act on an error of the provider', () => {
    const failed = { subtype: 'success', is_error: true };
    expect(judge({ ...failed, api_error_status: 401 })).toBe('auth');
    expect(judge(failed, 'billing_error')).toBe('auth');
    expect(judge({ ...failed, api_error_status: 529 }, 'overloaded')).toBe('transient');
    expect(judge({ ...failed, api_error_status: null })).toBe('transient');
    expect(judge({ ...failed, api_error_status: 404 }, 'model_not_found')).toBe('agent_error');
    expect(judge({ ...failed, stop_reason: 'refusal' })).toBe('agent_error');
    expect(judge({ subtype: 'error_during_execution', is_error: true })).toBe('agent_error');
  });

  it('counts only what was told', () => {
    expect(usageOf(null)).toEqual({});
    expect(usageOf({ usage: { input_tokens: 5 }, total_cost_usd: 0 })).toEqual({ inputTokens: 5, costUsd: 0 });
    const cached = { cache_read_input_tokens: 7, cache_creation_input_tokens: 8 };
    expect(usageOf({ usage: cached })).toEqual({ cacheReadTokens: 7, cacheWriteTokens: 8 });
  });

  it('sums up what its answers used while it works, caches included, each answer once', () => {
    const usage = createRunningUsage();
    const line = (id: string, used: Record<string, number>) => usage.read({ message: { id, usage: used } });
    const input = { input_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 20 };
    line('one', { ...input, output_tokens: 1 });
    line('one', { ...input, output_tokens: 9 });
    expect(line('one', { ...input, output_tokens: 9 })).toEqual([]);
    const told = { inputTokens: 10, outputTokens: 11, cacheReadTokens: 200, cacheWriteTokens: 40, turns: 2 };
    expect(line('two', { ...input, output_tokens: 2 })).toEqual([{ type: 'usage', usage: told }]);
  });
});

describe('reading lines', () => {
  it('passes over what it does not know', () => {
    const reading = createReading(createFakeClock());
    for (const line of ['not json', '[1]', '7']) expect(parseLine(line)).toBeNull();
    for (const line of [{}, { type: 'new' }, { type: 'toString' }, { type: 'assistant' }, { type: 'system' }]) {
      expect(reading.read(line)).toEqual([]);
    }
    const warning = { type: 'rate_limit_event', rate_limit_info: { status: 'allowed_warning' } };
    expect(reading.read(warning)).toEqual([]);
    expect(reading.read({ type: 'system', subtype: 'init' })).toEqual([{ type: 'started' }]);
    expect(reading.read({ type: 'system', subtype: 'init' })).toEqual([]);
  });
});

describe('the session id of an attempt', () => {
  it('is a UUID, always the same', () => {
    expect(sessionIdOf('att_1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(sessionIdOf('att_1')).toBe(sessionIdOf('att_1'));
    expect(sessionIdOf('att_1')).not.toBe(sessionIdOf('att_2'));
  });
});
