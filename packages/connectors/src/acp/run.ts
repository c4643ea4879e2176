import type { AgentEvent, RunIo, RunRequest } from '../contract.js';
import { doAttempt, type Plan, refuseRunLine } from '../do-attempt.js';
import { makePrivateFolders } from '../private-folders.js';
import { agentEnvironment, agentFolders } from './agent-folders.js';
import { argvOf } from './argv.js';
import { converse } from './converse.js';

/** Does one attempt with an agent of the protocol. */
export function runAcp(request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  return doAttempt(request, io, () => refuseRunLine('acp', request) ?? plan(request, io));
}

function plan(request: RunRequest, io: RunIo): Plan {
  const folders = agentFolders(request);
  makePrivateFolders(Object.values(folders));
  return {
    argv: argvOf(request.config),
    environment: agentEnvironment(request.environment, folders),
    stdin: 'pipe',
    follow: (child) => converse(child, request, io),
  };
}
