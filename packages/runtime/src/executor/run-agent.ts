import { redactText } from '@signalbox/audit';
import {
  type AgentEvent,
  type Connector,
  environmentNamesOf,
  exportedEnvironment,
  type Usage,
} from '@signalbox/connectors';
import { messageOf } from '@signalbox/kernel';
import type { AIInstance } from '@signalbox/router';
import type { Failure, Task } from '@signalbox/task-core';
import { type AgentDoor, describeRequest } from './agent-door.js';
import type { ExecutorEnv, OnProgress } from './env.js';
import type { Trace } from './trace.js';

export interface AgentRun {
  failure: Failure | null;
  exitCode: number | null;
  usage: Usage;
  session: string | null;
  summary: string;
}

export interface AgentScope {
  task: Task;
  ai: AIInstance;
  connector: Connector;
  attempt: { id: string; number: number };
  folder: string;
  scratch: string;
  prompt: string;
  door: AgentDoor;
  trace: Trace;
  signal: AbortSignal;
  progress: OnProgress;
}

const DEFAULT_WALL_MS = 60 * 60_000;
const IDLE_MS = 10 * 60_000;
const START_MS = 60_000;

/** Lets the connector do one attempt, and turns whatever happens into a value. */
export async function runAgent(env: ExecutorEnv, scope: AgentScope): Promise<AgentRun> {
  const { task, ai, connector, trace } = scope;
  trace.write('prompt', { ai: ai.id, connector: connector.id, prompt: scope.prompt });
  const request = {
    attempt: { id: scope.attempt.id, task: task.id, number: scope.attempt.number, ai: ai.id },
    prompt: scope.prompt,
    ...(task.run ? { run: task.run } : {}),
    workspace: scope.folder,
    scratch: scope.scratch,
    config: ai.config,
    environment: exportedEnvironment(env.environment, environmentNamesOf(connector, ai.config)),
    limits: { wallMs: task.timeoutMs ?? DEFAULT_WALL_MS, idleMs: IDLE_MS, startMs: START_MS },
  };
  const io = {
    decide: async (asked: Parameters<AgentDoor['answer']>[0]) => {
      const answer = await scope.door.answer(asked);
      trace.write('decided', { asked, answer });
      if (!answer.allow) {
        scope.progress({
          task: task.id,
          step: 'refused',
          text: `may not ${describeRequest(asked)}: ${answer.message}`,
        });
      }
      return answer;
    },
    signal: scope.signal,
    clock: env.store.clock,
    processes: env.processes,
    raw: (stream: 'in' | 'out' | 'err', line: string) => trace.write('raw', { stream, line }),
  };
  try {
    for await (const event of connector.run(request, io)) {
      trace.write('event', { event });
      if (event.type === 'result') return toRun(event);
      report(scope, event);
    }
    return broken('The connector ended without a result.');
  } catch (error) {
    return broken(`The connector failed: ${messageOf(error)}`);
  }
}

function toRun(event: Extract<AgentEvent, { type: 'result' }>): AgentRun {
  const { failure, exitCode, usage, session = null } = event;
  return {
    failure: failure && { ...failure, message: redactText(failure.message) },
    exitCode,
    usage,
    session,
    summary: redactText(event.summary),
  };
}

function broken(message: string): AgentRun {
  const failure: Failure = { class: 'crashed', message: redactText(message) };
  return { failure, exitCode: null, usage: {}, session: null, summary: '' };
}

function report(scope: AgentScope, event: AgentEvent): void {
  const { id } = scope.task;
  if (event.type === 'tool' && event.phase === 'call') scope.progress({ task: id, step: 'tool', text: event.name });
  if (event.type === 'waiting') scope.progress({ task: id, step: 'agent', text: event.reason });
  if (event.type === 'text') {
    // What a program prints is for the record; what an agent says is what a person who watches wants to read.
    const step = scope.connector.capabilities.approvals ? 'agent' : 'output';
    scope.progress({ task: id, step, text: redactText(event.text) });
  }
}
