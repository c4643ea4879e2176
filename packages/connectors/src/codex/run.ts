import type { AgentEvent, RunIo, RunRequest } from '../contract.js';
import { doAttempt, type Plan, refuseRunLine } from '../do-attempt.js';
import { makePrivateFolders } from '../private-folders.js';
import { agentEnvironment, agentFolders, codexArgv, resumable } from './arguments.js';
import { converse } from './converse.js';
import { tokensOfSession } from './session-record.js';
import { NO_TOKENS } from './tokens.js';

/** Does one attempt with the codex program. */
export function runCodex(request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  return doAttempt(request, io, () => refuseRunLine('codex', request) ?? plan(request, io));
}

function plan(request: RunRequest, io: RunIo): Plan {
  const { home, temporary } = agentFolders(request);
  const session = resumable(request);
  const before = session === undefined ? NO_TOKENS : tokensOfSession(home, session);
  makePrivateFolders([home, temporary]);
  return {
    argv: codexArgv(request),
    environment: agentEnvironment(request),
    stdin: 'pipe',
    follow: (child) => converse(child, before, request, io),
  };
}
