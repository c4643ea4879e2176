import { mkdirSync } from 'node:fs';
import { messageOf } from '@signalbox/kernel';
import type { AgentEvent, Failure, RunIo, RunRequest } from '../contract.js';
import { failedResult } from '../failed-result.js';
import type { RunningProcess } from '../process/types.js';
import { redactEvents } from '../redact-events.js';
import { failureOf } from '../stopping.js';
import { agentEnvironment, agentFolders, claudeArgv } from './arguments.js';
import { converse } from './converse.js';

/** Does one attempt with the claude program. */
export function runClaude(request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  return redactEvents(startAndConverse(request, io), request.environment);
}

async function* startAndConverse(request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  const refusal = refuse(request, io.signal);
  if (refusal) {
    yield failedResult(refusal);
    return;
  }
  let child: RunningProcess;
  try {
    child = await start(request, io);
  } catch (error) {
    yield failedResult({ class: 'crashed', message: messageOf(error) });
    return;
  }
  yield* converse(child, request, io);
}

/** What cannot be done at all, or is no longer wanted. */
function refuse(request: RunRequest, signal: AbortSignal): Failure | null {
  if (signal.aborted) return failureOf(signal.reason);
  if (request.run) {
    return { class: 'agent_error', message: 'claude-code takes a prompt, not a run line: give the task another AI.' };
  }
  return null;
}

function start(request: RunRequest, io: RunIo): Promise<RunningProcess> {
  const folders = agentFolders(request);
  for (const folder of [folders.config, folders.temporary, ...(folders.home ? [folders.home] : [])])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  return io.processes.spawn({
    argv: claudeArgv(request),
    cwd: request.workspace,
    environment: agentEnvironment(request),
    marker: { attempt: request.attempt.id, ai: request.attempt.ai },
    stdin: 'pipe',
  });
}
