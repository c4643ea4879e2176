import type { JsonObject } from '@signalbox/kernel';
import { textAt } from '../../../src/claude-code/json-access.js';
import type { AgentAnswer, AgentEvent, Connector, Failure, RunIo, RunRequest } from '../../../src/contract.js';
import { failedResult } from '../../../src/failed-result.js';
import { findProgram } from '../../../src/find-program.js';
import type { ExitStatus, OutputLine, RunningProcess } from '../../../src/process/types.js';
import { createRedactor } from '../../../src/secrets.js';
import { createStopping, failureOf } from '../../../src/stopping.js';
import { createWatchdogs } from '../../../src/watchdogs.js';

export interface Findings {
  done: JsonObject | null;
  failed: string | null;
  last: string;
}

/** What a fixture may do otherwise than well. */
export interface Parts {
  refuse(io: RunIo): Failure | null;
  start(request: RunRequest, io: RunIo): Promise<RunningProcess>;
  signal(io: RunIo): AbortSignal;
  limits(request: RunRequest): RunRequest['limits'];
  lines(child: RunningProcess): AsyncIterable<OutputLine>;
  parse(text: string): JsonObject | null;
  redact(request: RunRequest): (text: string) => string;
  isAllowed(answer: AgentAnswer): boolean;
  /** What a decision that fails counts as. */
  failed: boolean;
  pausesForDecisions: boolean;
  keep(text: string): void;
  cleanUp(child: RunningProcess): Promise<void>;
  judge(exit: ExitStatus, findings: Findings): Failure | null;
}

export const WELL: Parts = {
  refuse: ({ signal }) => (signal.aborted ? failureOf(signal.reason) : null),
  start: (request, io) =>
    io.processes.spawn({
      argv: [textAt(request.config, 'program') ?? 'json-lines-agent'],
      cwd: request.workspace,
      environment: request.environment,
      marker: { attempt: request.attempt.id, ai: request.attempt.ai },
      stdin: 'pipe',
    }),
  signal: ({ signal }) => signal,
  limits: ({ limits }) => limits,
  lines: (child) => child.lines(),
  parse(text) {
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
    } catch {
      return null;
    }
  },
  redact: ({ environment }) => createRedactor(environment, []),
  isAllowed: (answer) => answer?.allow === true && answer.stop !== true,
  failed: false,
  pausesForDecisions: true,
  keep() {},
  cleanUp: (child) => child.stop('The run is over.'),
  judge({ code, signal }, { done, failed }) {
    if (failed !== null) return { class: 'agent_error', message: failed };
    if (code === null) return { class: 'crashed', message: `It was killed by ${signal}.` };
    if (code === 0 && done) return null;
    return { class: 'invalid_output', message: `It ended with ${code} and ${done ? 'its' : 'no'} last word.` };
  },
};

/** A connector that keeps to the contract, for agents that speak lines of JSON, but for the parts that are changed. */
export function createReference(change: Partial<Parts> = {}, members: Partial<Connector> = {}): Connector {
  const parts = { ...WELL, ...change };
  return {
    apiVersion: 1,
    id: 'json-lines',
    kind: 'cli',
    summary: 'An agent that speaks lines of JSON',
    configSchema: {
      type: 'object',
      additionalProperties: false,
      properties: { program: { type: 'string', pattern: '^/' } },
    },
    capabilities: { approvals: true, resume: false, usage: true, prompts: true },
    environmentNames: ['JSON_LINES_TOKEN'],
    async probe({ config, environment }) {
      const program = findProgram(textAt(config, 'program') ?? 'json-lines-agent', environment);
      const login = environment['JSON_LINES_TOKEN'] ? 'ready' : 'missing';
      const { capabilities } = this;
      if (program) return { installed: true, program, login, capabilities, problems: [] };
      const problem = { message: 'The program is not there.', hint: 'Install it.' };
      return { installed: false, login, capabilities, problems: [problem] };
    },
    run: (request, io) => run(parts, request, io),
    ...members,
  };
}

async function* run(parts: Parts, request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  const refusal = parts.refuse(io);
  if (refusal) {
    yield failedResult(refusal);
    return;
  }
  let child: RunningProcess;
  try {
    child = await parts.start(request, io);
  } catch (error) {
    yield failedResult({ class: 'crashed', message: String(error) });
    return;
  }
  const redact = parts.redact(request);
  const stopping = createStopping(parts.signal(io), (failure) => void child.stop(failure.message));
  const watchdogs = createWatchdogs(io.clock, parts.limits(request), stopping.ask);
  const findings: Findings = { done: null, failed: null, last: '' };
  const answer = async (command: string): Promise<void> => {
    if (parts.pausesForDecisions) watchdogs.pause();
    let allow = parts.failed;
    try {
      const given = await io.decide({ action: 'shell.run', command, cwd: request.workspace });
      allow = parts.isAllowed(given);
      if (given.stop === true) stopping.ask({ class: 'policy_denied', message: given.message });
    } catch {
      // as it is
    }
    if (parts.pausesForDecisions) watchdogs.resume();
    child.stdin?.write(`${JSON.stringify({ allow })}\n`);
  };
  try {
    child.stdin?.write(`${JSON.stringify({ prompt: request.prompt })}\n`);
    for await (const { stream, text } of parts.lines(child)) {
      io.raw(stream, text);
      const line = stream === 'out' ? parts.parse(redact(text)) : null;
      if (!line) continue;
      watchdogs.sign();
      parts.keep(text);
      const said = textAt(line, 'text') ?? '';
      if (line['type'] === 'hello') {
        watchdogs.started();
        yield { type: 'started', session: textAt(line, 'session') ?? '' };
      }
      if (line['type'] === 'say') yield { type: 'text', text: said };
      if (line['type'] === 'ask') void answer(textAt(line, 'command') ?? '');
      if (line['type'] === 'failed') findings.failed = said;
      if (line['type'] === 'done') {
        findings.done = line;
        findings.last = said;
        io.clock.after(5000, () => void child.stop('It did not end by itself.'));
      }
    }
    await child.exited;
  } finally {
    watchdogs.close();
    await parts.cleanUp(child);
    stopping.close();
  }
  const exit = await child.exited;
  const tokens = findings.done?.['tokens'];
  yield {
    type: 'result',
    failure: stopping.reason() ?? parts.judge(exit, findings),
    exitCode: exit.code,
    usage: typeof tokens === 'number' ? { outputTokens: tokens } : {},
    summary: findings.last,
  };
}
