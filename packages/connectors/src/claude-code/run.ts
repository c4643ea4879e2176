import type { AgentEvent, RunIo, RunRequest } from '../contract.js';
import { doAttempt, type Plan, refuseRunLine } from '../do-attempt.js';
import { makePrivateFolders } from '../private-folders.js';
import { redactEvents } from '../redact-events.js';
import { agentEnvironment, agentFolders, claudeArgv } from './arguments.js';
import { converse } from './converse.js';

/** Does one attempt with the claude program. */
export function runClaude(request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  const events = doAttempt(request, io, () => refuseRunLine('claude-code', request) ?? plan(request, io));
  return redactEvents(events, request.environment);
}

function plan(request: RunRequest, io: RunIo): Plan {
  const { config, temporary, home } = agentFolders(request);
  makePrivateFolders([config, temporary, ...(home ? [home] : [])]);
  return {
    argv: claudeArgv(request),
    environment: agentEnvironment(request),
    stdin: 'pipe',
    follow: (child) => converse(child, request, io),
  };
}
