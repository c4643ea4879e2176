import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, type JsonObject, systemClock } from '@signalbox/kernel';
import { createTempRepo, fixture, type TempRepo } from '@signalbox/testkit';
import {
  type AgentAnswer,
  type AgentEvent,
  type AgentRequest,
  type Connector,
  createProcessRunner,
  findMarked,
  type RunIo,
  type RunRequest,
} from '../src/index.js';
import { newAttempt, plainEnvironment } from './process/helpers.js';

export type Result = Extract<AgentEvent, { type: 'result' }>;

export interface RunBench {
  repo: TempRepo;
  attempt: string;
  request: RunRequest;
  io: RunIo;
  /** Everything that `decide` was asked. */
  asked: AgentRequest[];
  raw: string[];
  /** Set to answer otherwise than yes. */
  answer: (request: AgentRequest) => AgentAnswer | Promise<AgentAnswer>;
  abort(reason?: unknown): void;
  /** Runs to the end. `onEvent` is called with each event as it comes. */
  run(connector: Connector, onEvent?: (event: AgentEvent) => void): Promise<{ events: AgentEvent[]; result: Result }>;
  /** Writes a script for the stand-in and points the request to it. */
  script(script: JsonObject): void;
}

// As long as the product gives them: four real agents that start at once on two busy cores need more than ten seconds.
const LIMITS = { wallMs: 100_000, idleMs: 20_000, startMs: 60_000 };

/** Gives a test a repository, a request and an io; afterwards nothing may be left running. */
export async function withRun(test: (bench: RunBench) => Promise<void>, clock: Clock = systemClock): Promise<void> {
  const repo = createTempRepo({ files: { 'README.md': '# x\n' } });
  const place = createTempRepo({ commit: false });
  const scratch = join(place.path, 'scratch');
  mkdirSync(scratch);
  const attempt = newAttempt();
  const processes = createProcessRunner({ clock, supervisor: false });
  const controller = new AbortController();
  const bench: RunBench = {
    repo,
    attempt,
    asked: [],
    raw: [],
    answer: () => ({ allow: true, message: 'fine' }),
    request: {
      attempt: { id: attempt, task: 'tsk_1', number: 1, ai: 'ai-1' },
      prompt: 'do it',
      workspace: repo.path,
      scratch,
      config: {},
      environment: plainEnvironment(),
      limits: LIMITS,
    },
    io: {
      decide: async (request) => {
        bench.asked.push(request);
        return bench.answer(request);
      },
      signal: controller.signal,
      clock,
      processes,
      raw: (stream, line) => void bench.raw.push(`${stream} ${line}`),
    },
    abort: (reason) => controller.abort(reason),
    async run(connector, onEvent) {
      const events: AgentEvent[] = [];
      for await (const event of connector.run(bench.request, bench.io)) {
        events.push(event);
        onEvent?.(event);
      }
      const last = events.at(-1);
      const results = events.filter((event) => event.type === 'result');
      if (last?.type !== 'result' || results.length !== 1) throw new Error('The run did not end with one result.');
      return { events, result: last };
    },
    script(script) {
      const file = join(place.path, 'script.json');
      writeFileSync(file, JSON.stringify(script));
      bench.request.environment = { ...bench.request.environment, FAKE_CLAUDE_SCRIPT: file };
      bench.request.config = { ...bench.request.config, program: fixture('scripted-claude.mjs') };
    },
  };
  try {
    await test(bench);
    const left = findMarked(attempt);
    if (left.length > 0) throw new Error(`Left running: ${left.join(', ')}`);
  } finally {
    await processes.close();
    repo.remove();
    place.remove();
  }
}
