import { mkdirSync } from 'node:fs';
import { messageOf } from '@signalbox/kernel';
import type { AgentEvent, Failure, RunIo, RunRequest } from '../contract.js';
import { failedResult } from '../failed-result.js';
import type { RunningProcess } from '../process/types.js';
import { failureOf } from '../stopping.js';
import { agentEnvironment, agentFolders, codexArgv, resumable } from './arguments.js';
import { converse } from './converse.js';
import { tokensOfSession } from './session-record.js';
import { NO_TOKENS } from './tokens.js';

/** Does one attempt with the codex program. */
export async function* runCodex(request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  const refusal = refuse(request, io.signal);
  if (refusal) {
    yield failedResult(refusal);
    return;
  }
  const session = resumable(request);
  const before = session === undefined ? NO_TOKENS : tokensOfSession(agentFolders(request).home, session);
  let child: RunningProcess;
  try {
    child = await start(request, io);
  } catch (error) {
    yield failedResult({ class: 'crashed', message: messageOf(error) });
    return;
  }
  yield* converse(child, before, request, io);
}

/** What cannot be done at all, or is no longer wanted. */
function refuse(request: RunRequest, signal: AbortSignal): Failure | null {
  if (signal.aborted) return failureOf(signal.reason);
  if (request.run) {
    return { class: 'agent_error', message: 'codex takes a prompt, not a run line: give the task another AI.' };
  }
  return null;
}

function start(request: RunRequest, io: RunIo): Promise<RunningProcess> {
  const folders = agentFolders(request);
  for (const folder of [folders.home, folders.temporary]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return io.processes.spawn({
    argv: codexArgv(request),
    cwd: request.workspace,
    environment: agentEnvironment(request),
    marker: { attempt: request.attempt.id, ai: request.attempt.ai },
    stdin: 'pipe',
  });
}
