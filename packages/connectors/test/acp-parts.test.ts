import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kernel';
import { createEventQueue } from '../src/acp/event-queue.js';
import { classOfText, failureOfError, failureOfExit } from '../src/acp/outcome.js';
import { mergeToolCall } from '../src/acp/tool-calls.js';
import { requestsOfToolCall } from '../src/acp/tool-requests.js';
import { acpConnector, checkConfig, environmentNamesOf } from '../src/index.js';

const meaning = (told: JsonObject) => requestsOfToolCall(mergeToolCall(null, { toolCallId: 'c', ...told }), '/w');
const writes = (...paths: string[]) => paths.map((path) => ({ action: 'file.write', path }));
const reads = (...paths: string[]) => paths.map((path) => ({ action: 'file.read', path }));

describe('what a tool call of the protocol means for policy', () => {
  it('is a command where the input holds one literally', () => {
    const command = (rawInput: JsonObject) => meaning({ kind: 'execute', title: 'run it', rawInput });
    expect(command({ command: 'ls -l' })).toEqual([{ action: 'shell.run', command: 'ls -l', cwd: '/w' }]);
    expect(command({ cmd: ['rm', "it's", 'a b', 'c'], workdir: '/x' })).toEqual([
      { action: 'shell.run', command: "rm 'it'\\''s' 'a b' c", cwd: '/x' },
    ]);
    expect(command({ command: ['/bin/zsh', '-c', 'a | b'] })).toMatchObject([{ command: 'a | b' }]);
    expect(command({ what: 'ls' })).toEqual([{ action: 'tool.call', tool: 'run it', input: { what: 'ls' } }]);
  });

  it('is a write of every file that a change would touch', () => {
    const content = [
      { type: 'diff', path: 'a', newText: '' },
      { type: 'diff', path: 'b', newText: '' },
      { type: 'content', content: { type: 'text', text: 'c' } },
    ];
    expect(meaning({ kind: 'edit', content, locations: [{ path: 'a' }] })).toEqual(writes('a', 'b'));
    const changes = { x: { update: { move_path: 'y' } }, z: { add: {} } };
    expect(meaning({ kind: 'edit', rawInput: { changes } })).toEqual(writes('x', 'z', 'y'));
    expect(meaning({ kind: 'edit', rawInput: { from: 'old', edits: [{ path: 'p' }] } })).toEqual(writes('p'));
    expect(meaning({ kind: 'move', rawInput: { from: 'a', to: 'b' } })).toEqual(writes('a', 'b'));
    expect(meaning({ kind: 'delete', rawInput: { paths: ['a', 'b'] } })).toEqual(writes('a', 'b'));
    expect(meaning({ kind: 'other', title: 't', content })).toEqual([
      { action: 'tool.call', tool: 't', input: {} },
      ...writes('a', 'b'),
    ]);
  });

  it('is a read of files, or of what a search goes through', () => {
    expect(meaning({ kind: 'read', locations: [{ path: '/w/a' }] })).toEqual(reads('/w/a'));
    expect(meaning({ kind: 'search', rawInput: { pattern: 'a(b|c)' } })).toEqual(reads('/w'));
    expect(meaning({ kind: 'search', rawInput: { pattern: '../**', path: 'src/' } })).toEqual(
      reads('src/', 'src/../**'),
    );
    expect(meaning({ kind: 'search', rawInput: { pattern: 'x*', glob: '/etc/*' } })).toEqual(reads('/w', '/etc/*'));
    expect(meaning({ kind: 'search', rawInput: { pattern: 'x', include: '!no' } })).toEqual(reads('/w'));
  });

  it('is a fetch, or a call of a tool by its name', () => {
    expect(meaning({ kind: 'fetch', rawInput: { url: 'https://x' } })).toEqual([
      { action: 'net.fetch', url: 'https://x' },
    ]);
    expect(meaning({ kind: 'fetch', title: '"q"', rawInput: { query: 'q' } })).toMatchObject([{ tool: '"q"' }]);
    expect(meaning({ name: 'mcp__hub__open', title: 'Open' })).toEqual([
      { action: 'tool.call', tool: 'open', server: 'hub', input: {} },
    ]);
    expect(meaning({ kind: 'think' })).toMatchObject([{ tool: 'think' }]);
  });

  it('is nothing that can be judged where a change or a read names no file', () => {
    for (const kind of ['edit', 'delete', 'move', 'read']) {
      expect(meaning({ kind, title: 'a.ts', locations: [{ line: 3 }, 'a.ts'], rawInput: { paths: [7] } })).toBeNull();
    }
  });
});

describe('what an error of an agent stands for', () => {
  it('is told by the status of the provider, else by its words', () => {
    for (const [text, expected] of [
      ['API Error: 401 {"type":"error"}', 'auth'],
      ['HTTP 429', 'rate_limited'],
      ['unexpected status 503', 'transient'],
      ['error code: 400 bad', null],
      ['You exceeded your current quota', 'rate_limited'],
      ['Invalid API key', 'auth'],
      ['The model is overloaded', 'transient'],
      ['fetch failed: ECONNREFUSED', 'transient'],
      ['no such tool', null],
    ] as const) {
      expect([text, classOfText(text)]).toEqual([text, expected]);
    }
  });

  it('quotes its details once', () => {
    expect(failureOfError({ code: -32603, message: 'Internal error', data: { details: 'it broke' } })).toEqual({
      class: 'agent_error',
      message: 'Internal error: it broke',
    });
    expect(failureOfError({ code: 1, message: 'it broke', data: 'it broke' }).message).toBe('it broke');
    expect(failureOfError({ code: 1, message: 'odd', data: [1] }).message).toBe('odd');
  });

  it('is a crash when the agent was killed, and else what it said at its end', () => {
    expect(failureOfExit({ code: null, signal: 'SIGKILL' }, '401', 0)).toEqual({
      class: 'crashed',
      message: 'The agent was killed by SIGKILL before it answered: 401',
    });
    expect(failureOfExit({ code: 1, signal: null }, '', 2)).toEqual({
      class: 'invalid_output',
      message: 'The agent ended with exit code 1 before it answered; 2 of its lines were none of the protocol.',
    });
  });
});

describe('the queue of events', () => {
  const text = (count: number) => Array.from({ length: count }, () => ({ type: 'text', text: 'x' }) as const);

  it('makes its writer wait for its reader, and for nobody who has left', async () => {
    const queue = createEventQueue();
    queue.push(text(3));
    let isTaken = false;
    const taken = queue.whenTaken().then(() => {
      isTaken = true;
    });
    const reader = queue.read();
    await Promise.resolve();
    expect(isTaken).toBe(false);
    await reader.next();
    await taken;
    queue.push(text(3));
    const last = queue.whenTaken();
    queue.close();
    await last;
    queue.push(text(1));
  });

  it('is read to its end', async () => {
    const queue = createEventQueue();
    const reading = (async () => {
      let count = 0;
      for await (const event of queue.read()) if (event.type === 'text') count++;
      return count;
    })();
    await Promise.resolve();
    queue.push(text(2));
    queue.end();
    expect(await reading).toBe(2);
  });
});

describe('the configuration of an agent of the protocol', () => {
  it('needs a command line and knows its members', async () => {
    const good = { argv: ['a', '--acp'], mode: 'm', model: 'x', auth: 'k', asks: true, configDir: '/h', env: ['FOO'] };
    expect(await checkConfig(acpConnector, good)).toEqual([]);
    expect(await checkConfig(acpConnector, {})).toHaveLength(1);
    expect(await checkConfig(acpConnector, { argv: [], asks: 'yes', configDir: 'h', program: 'x' })).toHaveLength(4);
  });

  it('passes on keys of providers, and what it names', () => {
    const names = environmentNamesOf(acpConnector, { env: ['FOO'] });
    expect(names).toContain('FOO');
    expect(names.filter((name) => name.endsWith('*'))).toEqual([]);
  });
});
