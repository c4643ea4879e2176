import { parseLine } from '../claude-code/json-access.js';
import type { AgentEvent, RunIo, RunRequest } from '../contract.js';
import type { RunningProcess } from '../process/types.js';
import { createRedactor } from '../secrets.js';
import { createStopping, type Stopping } from '../stopping.js';
import { createWatchdogs } from '../watchdogs.js';
import { agentFolders } from './arguments.js';
import type { Findings } from './findings.js';
import { chooseProvider } from './login.js';
import { judgeRun } from './outcome.js';
import { createReading } from './reading.js';
import { tokensOfSession } from './session-record.js';
import { type Tokens, tokensOf, usageBetween } from './tokens.js';

// Milliseconds. Codex ends some 50 ms after its turn.
const LINGER_MS = 10_000;
// Codex waits as long as a provider's `retry-after` says, an hour if need be, and says nothing meanwhile.
const RATE_LIMIT_PATIENCE_MS = 60_000;
const SUMMARY_CHARS = 4000;

/** Follows a codex that has just been started, to the end. `before`: what a resumed thread had used. */
export async function* converse(
  child: RunningProcess,
  before: Tokens | null,
  request: RunRequest,
  io: RunIo,
): AsyncGenerator<AgentEvent> {
  const { config, environment } = request;
  const redact = createRedactor(environment, [chooseProvider(config, environment)?.keyVariable ?? '']);
  const stopping = createStopping(io.signal, (failure) => void child.stop(failure.message));
  const watchdogs = createWatchdogs(io.clock, request.limits, stopping.ask);
  const reading = createReading(io.clock);
  let cancelWait: () => void = () => {};
  try {
    child.stdin?.end(request.prompt);
    for await (const { stream, text } of child.lines()) {
      io.raw(stream, text);
      const line = stream === 'out' ? parseLine(redact(text)) : null;
      if (!line) continue;
      watchdogs.sign();
      yield* reading.read(line);
      if (reading.findings.session !== null) watchdogs.started();
      cancelWait();
      cancelWait = waitFor(reading.findings, stopping, child, request, io);
    }
    await child.exited;
  } finally {
    watchdogs.close();
    cancelWait();
    await child.stop('The run is over.');
    stopping.close();
  }
  const { findings } = reading;
  const exit = await child.exited;
  yield {
    type: 'result',
    failure: stopping.reason() ?? judgeRun(exit, findings, redact(child.errorTail())),
    exitCode: exit.code,
    usage: usageBetween(before, tokensAfter(findings, agentFolders(request).home)),
    ...(findings.session ? { session: findings.session } : {}),
    summary: findings.lastText.slice(0, SUMMARY_CHARS),
  };
}

/** What a line leaves to wait for, and not for ever. Gives what ends the wait. */
function waitFor(
  { retrying, turn }: Findings,
  stopping: Stopping,
  child: RunningProcess,
  { limits }: RunRequest,
  { clock }: RunIo,
): () => void {
  if (retrying?.class === 'auth') stopping.ask(retrying); // a retry would be in vain
  if (retrying?.class === 'rate_limited') {
    // Before the idle limit, which would call it a stall.
    return clock.after(Math.min(RATE_LIMIT_PATIENCE_MS, limits.idleMs / 2), () => stopping.ask(retrying));
  }
  const isOver = turn === 'completed' || turn === 'failed';
  return isOver ? clock.after(LINGER_MS, () => void child.stop('It did not end by itself.')) : () => {};
}

function tokensAfter({ usage, session }: Findings, home: string): Tokens | null {
  return tokensOf(usage) ?? (session ? tokensOfSession(home, session) : null);
}
