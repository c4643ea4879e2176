import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, type Json, type JsonObject, systemClock } from '@signalbox/kernel';
import { type RunBench, withRun } from './run-bench.js';

/** The program that stands in for an agent of the protocol; its own first comment tells how. */
export const scriptedAcp = fileURLToPath(new URL('fixtures/scripted-acp.mjs', import.meta.url));

export interface AcpScript {
  replies?: Record<string, JsonObject>;
  steps?: JsonObject[];
  stay?: boolean;
  ignoreCancel?: boolean;
  noAnswer?: boolean;
}

export const SECRET = 'key-of-the-test-77';

export interface AcpBench extends RunBench {
  /** What the agent was started with. */
  given(): { argv: string[]; env: Record<string, string>; cwd: string };
  /** What was sent to the agent, as JSON: all of it, or the params of one method. */
  sent(method?: string): JsonObject[];
  /** Replies of ours to requests of the agent. */
  replies(): JsonObject[];
}

/** Runs a test with the stand-in, which plays a script. */
export function withAgent(
  script: AcpScript,
  test: (bench: AcpBench) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  return withRun(async (bench) => {
    const { request } = bench;
    const file = join(request.scratch, 'script.json');
    writeFileSync(file, JSON.stringify(script).replaceAll('$WORKSPACE', request.workspace));
    request.environment = { ...request.environment, FAKE_ACP_SCRIPT: file, SOME_API_KEY: SECRET };
    request.config = { argv: [scriptedAcp] };
    const lines = () =>
      bench.raw.filter((line) => line.startsWith('in ')).map((line) => JSON.parse(line.slice(3)) as JsonObject);
    await test(
      Object.assign(bench, {
        given: () => JSON.parse(readFileSync(join(request.scratch, 'tmp/given.json'), 'utf8')),
        sent: (method?: string) =>
          method === undefined
            ? lines()
            : lines()
                .filter((line) => line['method'] === method)
                .map((line) => line['params'] as JsonObject),
        replies: () => lines().filter((line) => line['method'] === undefined),
      }),
    );
  }, clock);
}

/** Steps of a script. */
export const step = {
  text: (text: string, messageId?: string): JsonObject => ({
    update: {
      sessionUpdate: 'agent_message_chunk',
      content: { type: 'text', text },
      ...(messageId === undefined ? {} : { messageId }),
    },
  }),
  call: (toolCallId: string, more: JsonObject = {}): JsonObject => ({
    update: { sessionUpdate: 'tool_call', toolCallId, title: 'a call', ...more },
  }),
  change: (toolCallId: string, status: string, more: JsonObject = {}): JsonObject => ({
    update: { sessionUpdate: 'tool_call_update', toolCallId, status, ...more },
  }),
  ask: (call: JsonObject, more: JsonObject = {}): JsonObject => ({ call: { toolCallId: 'c1', ...call }, ...more }),
  request: (request: string, params: JsonObject): JsonObject => ({ request, params }),
};

/** A call that edits a file. */
export const edit = (path: string): JsonObject => ({
  title: `Write ${path}`,
  kind: 'edit',
  locations: [{ path }],
  rawInput: { file_path: path },
});

export const errorReply = (code: number, message: string, data?: Json): JsonObject => ({
  error: { code, message, ...(data === undefined ? {} : { data }) },
});
