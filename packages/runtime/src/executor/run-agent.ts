import type { Redactor, Trace } from '@signalbox/audit';
import {
  type AgentEvent,
  type Connector,
  environmentNamesOf,
  exportedEnvironment,
  type RunIo,
  type RunRequest,
  type Usage,
} from '@signalbox/connectors';
import { messageOf } from '@signalbox/kernel';
import type { AIInstance } from '@signalbox/router';
import type { Failure, Task } from '@signalbox/task-core';
import { currentActor } from '../actor.js';
import { spentOn, usdLeft } from '../door/budget.js';
import { type AgentDoor, describeRequest } from './agent-door.js';
import { createAgentTexts } from './agent-texts.js';
import { taskAsk } from './claim-task.js';
import type { ExecutorEnv, OnProgress } from './env.js';

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
  /** An earlier session to go on with, and where the AI keeps the sessions of this task. */
  session: string | null;
  sessionFolder: string | null;
  trace: Trace;
  signal: AbortSignal;
  progress: OnProgress;
}

const DEFAULT_WALL_MS = 60 * 60_000;
const IDLE_MS = 10 * 60_000;
const START_MS = 60_000;

/** Lets the connector do one attempt, and turns whatever happens into a value. */
export async function runAgent(env: ExecutorEnv, scope: AgentScope): Promise<AgentRun> {
  const { connector, trace } = scope;
  const { redactor } = env;
  const began = env.store.clock.monotonic();
  const request = await requestOf(env, scope);
  trace.write('environment', { names: Object.keys(request.environment).sort() });
  trace.write('prompt', { text: scope.prompt });
  const texts = createAgentTexts(redactor, trace, (text) => tell(scope, text));
  try {
    for await (const event of connector.run(request, ioOf(env, scope))) {
      if (event.type === 'text') {
        texts.push(event.text);
        // A program's lines are put together; what an agent says is a message each.
        if (connector.capabilities.approvals) texts.flush();
      } else {
        texts.flush();
        trace.write('event', { parsed: event });
        report(scope, event);
      }
      if (event.type === 'result') return toRun(event, redactor);
    }
    return broken('The connector ended without a result.', redactor);
  } catch (error) {
    return broken(`The connector failed: ${messageOf(error)}`, redactor);
  } finally {
    texts.end();
    trace.write('timing', { what: 'agent', ms: Math.round(env.store.clock.monotonic() - began) });
  }
}

async function requestOf(env: ExecutorEnv, scope: AgentScope): Promise<RunRequest> {
  const { task, ai, connector } = scope;
  const budgetUsd = await budgetLeft(env, task);
  return {
    attempt: { id: scope.attempt.id, task: task.id, number: scope.attempt.number, ai: ai.id },
    prompt: scope.prompt,
    ...(task.run ? { run: task.run } : {}),
    workspace: scope.folder,
    scratch: scope.scratch,
    ...(scope.sessionFolder === null ? {} : { sessionFolder: scope.sessionFolder }),
    ...(scope.session === null ? {} : { session: scope.session }),
    config: ai.config,
    environment: exportedEnvironment(env.environment, environmentNamesOf(connector, ai.config)),
    limits: {
      wallMs: task.timeoutMs ?? DEFAULT_WALL_MS,
      idleMs: IDLE_MS,
      startMs: START_MS,
      ...(budgetUsd === null ? {} : { budgetUsd }),
    },
  };
}

/** How the trace names the streams of a connector. */
const STREAMS = { in: 'stdin', out: 'stdout', err: 'stderr' } as const;

/** What policy leaves of the task's budget, in US dollars; null where it sets none. */
async function budgetLeft(env: ExecutorEnv, task: Task): Promise<number | null> {
  const decision = env.door.judge(taskAsk(currentActor(null), 'task.execute', task));
  return usdLeft(decision, await spentOn(env.store.tasks, task.id));
}

function ioOf(env: ExecutorEnv, { task, door, trace, progress, signal }: AgentScope): RunIo {
  let asked = 0;
  return {
    decide: async (request) => {
      const id = `ask_${++asked}`;
      trace.write('permission.asked', { id, request });
      const answer = await door.answer(request);
      trace.write('permission.answered', { id, answer });
      if (!answer.allow) {
        progress({ task: task.id, step: 'refused', text: `may not ${describeRequest(request)}: ${answer.message}` });
      }
      return answer;
    },
    signal,
    clock: env.store.clock,
    processes: env.processes,
    raw: (stream, line) => trace.raw(STREAMS[stream], `${line}\n`),
  };
}

function toRun(event: Extract<AgentEvent, { type: 'result' }>, redactor: Redactor): AgentRun {
  const { failure, exitCode, usage, session = null } = event;
  return {
    failure: failure && { ...failure, message: redactor.text(failure.message) },
    exitCode,
    usage,
    session: session === null ? null : redactor.text(session),
    summary: redactor.text(event.summary),
  };
}

function broken(message: string, redactor: Redactor): AgentRun {
  const failure: Failure = { class: 'crashed', message: redactor.text(message) };
  return { failure, exitCode: null, usage: {}, session: null, summary: '' };
}

/** What a program prints is for the record; what an agent says is what a person who watches wants to read. */
function tell({ task, connector, progress }: AgentScope, text: string): void {
  progress({ task: task.id, step: connector.capabilities.approvals ? 'agent' : 'output', text });
}

function report({ task, progress }: AgentScope, event: AgentEvent): void {
  if (event.type === 'tool' && event.phase === 'call') progress({ task: task.id, step: 'tool', text: event.name });
  if (event.type === 'waiting') progress({ task: task.id, step: 'agent', text: event.reason });
}
