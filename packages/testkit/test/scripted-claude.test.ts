import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from '@jest/globals';
import { createTempDir, fixture } from '../src/index.js';

type Line = Record<string, unknown>;
type Answer = (request: Line) => unknown;

const FLAGS = ['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
const program = fixture('scripted-claude.mjs');

/** Plays a script in a folder of its own; `answer` answers what the program asks. */
async function play(script: unknown, answer: Answer, flags: string[] = [], inside?: (dir: string) => void) {
  const dir = createTempDir();
  try {
    const scriptFile = join(dir.path, 'script.json');
    writeFileSync(scriptFile, JSON.stringify(script).replaceAll('{{dir}}', dir.path));
    const env = {
      PATH: process.env['PATH'],
      FAKE_CLAUDE_SCRIPT: scriptFile,
      CLAUDE_CONFIG_DIR: join(dir.path, 'config'),
    };
    const child = spawn(process.execPath, [program, ...FLAGS, ...flags], { env, cwd: dir.path, stdio: 'pipe' });
    const exit = once(child, 'exit');
    const send = (message: unknown) => child.stdin.write(`${JSON.stringify(message)}\n`);
    const hooks = { PreToolUse: [{ matcher: '*', hookCallbackIds: ['h'] }] };
    send({ type: 'control_request', request_id: 'r', request: { subtype: 'initialize', hooks } });
    send({ type: 'user', message: { role: 'user', content: [] } });
    const lines: Line[] = [];
    for await (const text of createInterface({ input: child.stdout })) {
      const line = JSON.parse(text) as Line & { request: Line };
      lines.push(line);
      if (line['type'] === 'result') child.stdin.end();
      if (line['type'] !== 'control_request') continue;
      const response = answer(line.request);
      send({ type: 'control_response', response: { subtype: 'success', request_id: line['request_id'], response } });
    }
    inside?.(dir.path);
    const [code] = await exit;
    return { lines, code, result: lines.find((line) => line['type'] === 'result') };
  } finally {
    dir.remove();
  }
}

const hookAnswer = (permissionDecision: string) => ({
  hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision, permissionDecisionReason: 'because' },
});

describe('the scripted stand-in for claude', () => {
  it('runs tools that the hook allows and ends with a success', async () => {
    const tools = [
      { name: 'Write', input: { file_path: '{{dir}}/a.txt', content: 'one' } },
      { name: 'Edit', input: { file_path: '{{dir}}/a.txt', old_string: 'one', new_string: 'two' } },
      { name: 'Bash', input: { command: 'cat a.txt > b.txt' } },
    ];
    let text = '';
    const { lines, code, result } = await play(
      { turns: [{ tools }, { text: 'done' }] },
      () => hookAnswer('allow'),
      ['--model', 'm-1'],
      (dir) => {
        text = readFileSync(join(dir, 'b.txt'), 'utf8');
      },
    );
    expect([text, code]).toEqual(['two', 0]);
    expect(result).toMatchObject({ subtype: 'success', is_error: false, result: 'done', stop_reason: 'end_turn' });
    expect(lines.map((line) => line['subtype'] ?? line['type']).slice(0, 3)).toEqual([
      'control_response',
      'init',
      'assistant',
    ]);
  });

  it('does not run what the hook or the permission prompt refuses', async () => {
    const tools = [{ name: 'Write', input: { file_path: '{{dir}}/a.txt', content: 'one' } }];
    const asked: unknown[] = [];
    for (const decision of ['deny', 'ask']) {
      const answer: Answer = (request) => {
        asked.push(request['subtype']);
        return request['subtype'] === 'can_use_tool' ? { behavior: 'deny', message: 'no' } : hookAnswer(decision);
      };
      let written = true;
      const { lines } = await play({ turns: [{ tools }] }, answer, ['--permission-prompt-tool', 'stdio'], (dir) => {
        written = existsSync(join(dir, 'a.txt'));
      });
      expect(written).toBe(false);
      expect(JSON.stringify(lines)).toContain('"is_error":true');
    }
    expect(asked).toEqual(['hook_callback', 'hook_callback', 'can_use_tool']);
  });

  it('fails as scripted', async () => {
    const failed = await play({ turns: [], result: { is_error: true, api_error_status: 500 } }, () => ({}));
    expect([failed.code, failed.result?.['api_error_status']]).toEqual([1, 500]);
    const stopped = await play({ turns: [{ fault: 'stop' }], exitCode: 7 }, () => ({}));
    expect([stopped.code, stopped.result]).toEqual([7, undefined]);
    const unknown = await play({ turns: [] }, () => ({}), ['--resume', 'nobody']);
    expect([unknown.code, unknown.result?.['subtype']]).toEqual([1, 'error_during_execution']);
  });

  it('refuses flags that the real program refuses', () => {
    const run = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
    expect(run('--version').stdout).toBe('2.1.197 (Claude Code)\n');
    expect(run('--no-such-flag')).toMatchObject({ status: 1, stderr: expect.stringContaining('unknown option') });
    expect(run(...FLAGS.slice(0, -1)).stderr).toContain('requires --verbose');
  });
});
