import type { JsonObject } from '@signalbox/kernel';
import type { AgentEvent, Failure, RunIo, RunRequest } from '../contract.js';
import type { RunningProcess } from '../process/types.js';
import { createStopping, type Stopping } from '../stopping.js';
import { createWatchdogs, type Watchdogs } from '../watchdogs.js';
import { parseLine } from './json-access.js';
import { isAuthError, judgeRun, usageOf } from './outcome.js';
import { createPermissions } from './permissions.js';
import { initializeRequest, interruptRequest, userMessage } from './protocol.js';
import { createReading, type Reading } from './reading.js';

// Milliseconds. claude stays about 5 s after its result when it has a background shell.
const LINGER_MS = 10_000;
// After an interrupt it ends within some 20 ms.
const INTERRUPT_GRACE_MS = 2000;
const SUMMARY_CHARS = 4000;

/** Speaks with a claude that has just been started, to the end. */
export async function* converse(child: RunningProcess, request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  const send = (message: JsonObject): void => {
    if (!child.stdin?.writable) return;
    const line = JSON.stringify(message);
    io.raw('in', line);
    child.stdin.write(`${line}\n`);
  };
  let cancelEnd: () => void = () => {};
  const endSoon = (graceMs: number): void => {
    child.stdin?.end();
    cancelEnd();
    cancelEnd = io.clock.after(graceMs, () => void child.stop('It did not end by itself.'));
  };
  const stopping = createStopping(io.signal, (failure) => {
    send(interruptRequest());
    // An interrupted claude still tells what it has used; after a stall or an abort nobody waits for that.
    if (failure.class === 'policy_denied') endSoon(INTERRUPT_GRACE_MS);
    else void child.stop(failure.message);
  });
  const watchdogs = createWatchdogs(io.clock, request.limits, stopping.ask);
  const answer = createPermissions({
    decide: (asked) => decideWhilePaused(asked, io, watchdogs),
    send,
    workspace: request.workspace,
    onStop: ({ message }) => stopping.ask({ class: 'policy_denied', message }),
  });
  const reading = createReading(io.clock);
  try {
    send(initializeRequest());
    send(userMessage(request.prompt));
    for await (const { stream, text } of child.lines()) {
      io.raw(stream, text);
      const line = stream === 'out' ? parseLine(text) : null;
      if (!line) continue;
      watchdogs.sign();
      if (line['type'] === 'control_request') void answer(line);
      yield* reading.read(line);
      react(reading, watchdogs, stopping);
      if (line['type'] === 'result') endSoon(LINGER_MS);
    }
  } finally {
    watchdogs.close();
    cancelEnd();
    await child.stop('The run is over.');
    stopping.close();
  }
  yield await resultOf(child, reading, stopping.reason());
}

async function decideWhilePaused(
  asked: Parameters<RunIo['decide']>[0],
  io: RunIo,
  watchdogs: Watchdogs,
): ReturnType<RunIo['decide']> {
  watchdogs.pause();
  try {
    return await io.decide(asked);
  } finally {
    watchdogs.resume();
  }
}

function react({ findings }: Reading, watchdogs: Watchdogs, stopping: Stopping): void {
  if (findings.started) watchdogs.started();
  if (!isAuthError(findings.providerError) || findings.result) return;
  stopping.ask({ class: 'auth', message: `The provider refuses the log-in (${findings.providerError}).` });
}

async function resultOf(child: RunningProcess, reading: Reading, stopped: Failure | null): Promise<AgentEvent> {
  const exit = await child.exited;
  const { result, session, lastText } = reading.findings;
  const told = typeof result?.['result'] === 'string' && result['result'] !== '' ? result['result'] : lastText;
  return {
    type: 'result',
    failure: stopped ?? judgeRun(exit, reading.findings, child.errorTail()),
    exitCode: exit.code,
    usage: usageOf(result),
    ...(session === null ? {} : { session }),
    summary: told.slice(0, SUMMARY_CHARS),
  };
}
