import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, type JsonObject, systemClock } from '@signalbox/kernel';
import { type RunBench, withRun } from './run-bench.js';

/** The program that stands in for codex; its own first comment tells how. */
export const standIn = fileURLToPath(new URL('fixtures/scripted-codex.mjs', import.meta.url));

export interface CodexScript {
  /** What it prints: texts as they are, objects as JSON. */
  lines?: (JsonObject | string)[];
  errors?: string;
  exitCode?: number;
  signal?: string;
  stay?: boolean;
}

export interface Given {
  argv: string[];
  env: Record<string, string>;
  prompt: string;
}

/** Runs a test with the stand-in, which plays a script. `given` tells what it was started with. */
export function withStandIn(
  script: CodexScript,
  test: (bench: RunBench, given: () => Given) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  return withRun(async (bench) => {
    const { request } = bench;
    const file = join(request.scratch, 'script.json');
    writeFileSync(file, JSON.stringify(script));
    request.environment = { ...request.environment, FAKE_CODEX_SCRIPT: file, OPENAI_API_KEY: 'key-of-the-test' };
    request.config = { program: standIn };
    await test(bench, () => JSON.parse(readFileSync(join(request.scratch, 'tmp/given.json'), 'utf8')) as Given);
  }, clock);
}

/** Lines as codex 0.169 prints them. */
export const line = {
  started: { type: 'thread.started', thread_id: '01a20856-886c-7141-a546-6d2970b37535' },
  turn: { type: 'turn.started' },
  text: (text: string) => ({ type: 'item.completed', item: { id: 'item_9', type: 'agent_message', text } }),
  warning: (message: string) => ({ type: 'item.completed', item: { id: 'item_0', type: 'error', message } }),
  command: (change: JsonObject) => ({
    type: 'item.completed',
    item: { id: 'item_1', type: 'command_execution', command: "/bin/bash -c 'ls'", aggregated_output: '', ...change },
  }),
  retry: (reason: string) => ({ type: 'error', message: `Reconnecting... 1/2 (${reason})` }),
  error: (message: string) => ({ type: 'error', message }),
  failed: (message: string) => ({ type: 'turn.failed', error: { message } }),
  completed: (change: JsonObject = {}) => ({
    type: 'turn.completed',
    usage: { input_tokens: 100, cached_input_tokens: 60, output_tokens: 7, reasoning_output_tokens: 2, ...change },
  }),
};
