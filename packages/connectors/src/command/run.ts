import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@signalbox/kernel';
import type { AgentEvent, Failure, RunIo, RunRequest } from '../contract.js';
import { failedResult } from '../failed-result.js';
import type { ExitStatus, RunningProcess } from '../process/types.js';
import { redactEvents } from '../redact-events.js';
import { createStopping, failureOf } from '../stopping.js';
import { createWatchdogs } from '../watchdogs.js';
import { type CommandLine, chooseCommand } from './choose-command.js';

// A failure quotes the end of the error output, a summary the end of the output: for a person, not a log.
const QUOTED_CHARS = 2000;

/** Runs the task's own line, or the configured program with the prompt. */
export function runCommand(request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  return redactEvents(startAndFollow(request, io), request.environment);
}

async function* startAndFollow(request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  if (io.signal.aborted) {
    yield failedResult(failureOf(io.signal.reason));
    return;
  }
  const command = chooseCommand(request);
  if (!command) {
    const message = 'This AI has no command: the task has no run line and its configuration no argv or shell.';
    yield failedResult({ class: 'agent_error', message });
    return;
  }
  let child: RunningProcess;
  try {
    child = await start(command, request, io);
  } catch (error) {
    yield failedResult({ class: 'crashed', message: messageOf(error) });
    return;
  }
  yield* follow(child, request, io);
}

async function start(command: CommandLine, request: RunRequest, io: RunIo): Promise<RunningProcess> {
  const promptFile = join(request.scratch, 'prompt.md');
  const environment = { ...request.environment };
  if (command.takesPrompt) {
    writeFileSync(promptFile, request.prompt);
    environment['SIGNALBOX_PROMPT_FILE'] = promptFile;
  }
  const child = await io.processes.spawn({
    argv: command.argv,
    cwd: request.workspace,
    environment,
    marker: { attempt: request.attempt.id, ai: request.attempt.ai },
    stdin: command.takesPrompt ? 'pipe' : 'ignore',
  });
  child.stdin?.end(request.prompt);
  return child;
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
