import type { AgentEvent, Failure } from './contract.js';

/** The result of a run that never got as far as an agent. */
export function failedResult(failure: Failure): AgentEvent {
  return { type: 'result', failure, exitCode: null, usage: {}, summary: failure.message };
}
