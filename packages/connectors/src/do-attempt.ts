import { messageOf } from '@signalbox/kernel';
import type { AgentEvent, Failure, RunIo, RunRequest } from './contract.js';
import { failedResult } from './failed-result.js';
import type { RunningProcess, SpawnOptions } from './process/types.js';
import { failureOf } from './stopping.js';

/** How one program does one attempt. */
export interface Plan {
  argv: readonly string[];
  /** Complete, as for every child. */
  environment: Record<string, string>;
  stdin: SpawnOptions['stdin'];
  /** What the program tells, from its start to its result. */
  follow(child: RunningProcess): AsyncGenerator<AgentEvent>;
}

/**
 * Starts the program that `plan` tells and follows it. What is cancelled before it begins is not planned; a plan that is a
 * failure is the result; one that throws, and a program that does not start, end the attempt as `crashed`.
 */
export async function* doAttempt(
  request: RunRequest,
  io: RunIo,
  plan: () => Plan | Failure,
): AsyncGenerator<AgentEvent> {
  if (io.signal.aborted) {
    yield failedResult(failureOf(io.signal.reason));
    return;
  }
  let events: AsyncGenerator<AgentEvent>;
  try {
    const planned = plan();
    events = 'class' in planned ? only(failedResult(planned)) : planned.follow(await start(planned, request, io));
  } catch (error) {
    events = only(failedResult({ class: 'crashed', message: messageOf(error) }));
  }
  yield* events;
}

/** Why a program that only takes prompts cannot do an attempt; null if it can. */
export function refuseRunLine(connector: string, request: RunRequest): Failure | null {
  if (!request.run) return null;
  return {
    class: 'agent_error',
    message: `${connector} takes a prompt, not a run line: give the task another AI.`,
  };
}

function start({ argv, environment, stdin }: Plan, request: RunRequest, io: RunIo): Promise<RunningProcess> {
  return io.processes.spawn({
    argv: [...argv],
    cwd: request.workspace,
    environment,
    marker: { attempt: request.attempt.id, ai: request.attempt.ai },
    stdin,
  });
}

async function* only(event: AgentEvent): AsyncGenerator<AgentEvent> {
  yield event;
}
