import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentEvent, Failure, RunIo, RunRequest } from '../contract.js';
import { doAttempt, type Plan } from '../do-attempt.js';
import type { ExitStatus, RunningProcess } from '../process/types.js';
import { redactEvents } from '../redact-events.js';
import { createStopping } from '../stopping.js';
import { createWatchdogs } from '../watchdogs.js';
import { chooseCommand } from './choose-command.js';

// A failure quotes the end of the error output, a summary the end of the output: for a person, not a log.
const QUOTED_CHARS = 2000;

/** Runs the task's own line, or the configured program with the prompt. */
export function runCommand(request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  return redactEvents(
    doAttempt(request, io, () => plan(request, io)),
    request.environment,
  );
}

function plan(request: RunRequest, io: RunIo): Plan | Failure {
  const command = chooseCommand(request);
  if (!command) {
    const message = 'This AI has no command: the task has no run line and its configuration no argv or shell.';
    return { class: 'agent_error', message };
  }
  const { argv, takesPrompt } = command;
  const stdin = takesPrompt ? 'pipe' : 'ignore';
  const environment = takesPrompt ? withPromptFile(request) : { ...request.environment };
  return {
    argv,
    environment,
    stdin,
    follow(child) {
      child.stdin?.end(request.prompt);
      return follow(child, request, io);
    },
  };
}

function withPromptFile({ scratch, prompt, environment }: RunRequest): Record<string, string> {
  const promptFile = join(scratch, 'prompt.md');
  writeFileSync(promptFile, prompt);
  return { ...environment, SIGNALBOX_PROMPT_FILE: promptFile };
}

async function* follow(child: RunningProcess, request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  const { wallMs, idleMs } = request.limits;
  const stopping = createStopping(io.signal, (failure) => void child.stop(failure.message));
  const watchdogs = createWatchdogs(io.clock, { wallMs, idleMs }, stopping.ask);
  let summary = '';
  try {
    yield { type: 'started' };
    for await (const { stream, text } of child.lines()) {
      watchdogs.sign();
      io.raw(stream, text);
      if (text.trim() !== '') summary = text;
      yield { type: 'text', text };
    }
    // Its output can end before it does: closed early by the program, or a moment before its exit is known.
    await child.exited;
  } finally {
    watchdogs.close();
    await child.stop('The run is over.');
    stopping.close();
  }
  const exit = await child.exited;
  const failure = stopping.reason() ?? failureOfExit(exit, child.errorTail());
  yield { type: 'result', failure, exitCode: exit.code, usage: {}, summary: summary.slice(-QUOTED_CHARS) };
}

function failureOfExit({ code, signal }: ExitStatus, errors: string): Failure | null {
  if (code === 0) return null;
  const quoted = errors.trim().slice(-QUOTED_CHARS);
  const tail = quoted === '' ? '.' : `: ${quoted}`;
  if (code === null) return { class: 'crashed', message: `The command was killed by ${signal}${tail}` };
  return { class: 'agent_error', message: `The command ended with exit code ${code}${tail}` };
}
