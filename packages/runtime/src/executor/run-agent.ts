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
import type { Budget, Failure, Task } from '@signalbox/task-core';
import { soundUsage } from '../budgets/used.js';
import type { AttemptSandbox } from '../sandbox/attempt-sandbox.js';
import { workspaceVariables } from '../workspace/variables.js';
import { describeRequest } from './agent-asks.js';
import type { AgentDoor } from './agent-door.js';
import { createAgentTexts } from './agent-texts.js';
import { offerCli } from './agent-tools.js';
import { overBudget } from './budget-watch.js';
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
  /** What was reserved for it. */
  limit: Budget;
  folder: string;
  sandbox: AttemptSandbox;
  /** The TCP ports of the attempt. */
  ports: readonly number[];
  scratch: string;
  ownScratch: string;
  prompt: string;
  door: AgentDoor;
  /** An earlier session to go on with, and where the AI keeps the sessions of this task. */
  session: string | null;
  sessionFolder: string | null;
  trace: Trace;
  signal: AbortSignal;
  progress: OnProgress;
  /** Called once its agent has begun, and may have used something. */
  onBegin(): void;
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
  const stop = new AbortController();
  const signal = AbortSignal.any([scope.signal, stop.signal]);
  try {
    for await (const event of connector.run(request, ioOf(env, { ...scope, signal }))) {
      if (showsBegin(event)) scope.onBegin();
      // Not every agent can be told to stop by itself.
      const over = event.type === 'usage' ? overBudget(scope.limit, event.usage) : null;
      if (over) stop.abort(over);
      if (event.type === 'text') {
        texts.push(event.text);
        // A program's lines are put together; what an agent says is a message each.
        if (connector.capabilities.approvals) texts.flush();
      } else {
        texts.flush();
        trace.write('event', { parsed: event });
        report(scope, event);
      }
      if (event.type === 'result') return toRun(event, scope, redactor);
    }
    return broken('The connector ended without a result.', redactor);
  } catch (error) {
    return broken(`The connector failed: ${messageOf(error)}`, redactor);
  } finally {
    texts.end();
    trace.write('timing', { what: 'agent', ms: Math.round(env.store.clock.monotonic() - began) });
  }
}

/** Not every connector says `started`. One that ends with a failure, and without a word before it, never had its agent up. */
function showsBegin(event: AgentEvent): boolean {
  return event.type === 'result' ? event.failure === null : event.type !== 'waiting';
}

async function requestOf(env: ExecutorEnv, scope: AgentScope): Promise<RunRequest> {
  const { task, ai, connector } = scope;
  const exported = exportedEnvironment(env.environment, environmentNamesOf(connector, ai.config));
  const { ports, folder: workspace } = scope;
  const own = workspaceVariables({ env: env.workspace.env, ports, task: task.id, workspace });
  const visible = { ...exported, ...own };
  const marker = { attempt: scope.attempt.id, ai: ai.id };
  return {
    attempt: { id: scope.attempt.id, task: task.id, number: scope.attempt.number, ai: ai.id },
    prompt: scope.prompt,
    ...(task.run ? { run: task.run } : {}),
    workspace,
    scratch: scope.scratch,
    ...(scope.sessionFolder === null ? {} : { sessionFolder: scope.sessionFolder }),
    ...(scope.session === null ? {} : { session: scope.session }),
    config: ai.config,
    // Our command line would find no store in there.
    environment: scope.sandbox.holdsAgent ? visible : await offerCli(env, scope.ownScratch, marker, visible),
    limits: limitsOf(scope),
  };
}

/** How the trace names the streams of a connector. */
const STREAMS = { in: 'stdin', out: 'stdout', err: 'stderr' } as const;

function limitsOf({ task, limit }: AgentScope): RunRequest['limits'] {
  return {
    wallMs: Math.min(task.timeoutMs ?? DEFAULT_WALL_MS, limit.timeMs ?? Infinity),
    idleMs: IDLE_MS,
    startMs: START_MS,
    ...(limit.usd === undefined ? {} : { budgetUsd: limit.usd }),
    ...(limit.turns === undefined ? {} : { turns: limit.turns }),
  };
}

function ioOf(env: ExecutorEnv, scope: AgentScope): RunIo {
  const { task, door, trace, progress, signal, scratch, sessionFolder, sandbox } = scope;
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
    processes: sandbox.forAgent([scratch, ...(sessionFolder === null ? [] : [sessionFolder])], task.run !== null),
    raw: (stream, line) => trace.raw(STREAMS[stream], `${line}\n`),
  };
}

/** What is told only at the end is held against the budget then. */
function toRun(
  event: Extract<AgentEvent, { type: 'result' }>,
  { limit, trace }: AgentScope,
  redactor: Redactor,
): AgentRun {
  const { exitCode, session = null } = event;
  const usage = soundUsage(event.usage);
  const odd = Object.entries(event.usage).filter(([name, told]) => usage[name as keyof Usage] !== told);
  if (odd.length > 0) {
    const names = odd.map(([name]) => name).join(', ');
    trace.write('note', {
      text: `Of the usage that the agent told, this is not kept as it is: ${redactor.text(names)}.`,
    });
  }
  const failure = event.failure ?? overBudget(limit, usage);
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

/** What of a call's arguments tells most about it, as agents name them. */
const TELLING = [
  'command',
  'cmd',
  'file_path',
  'path',
  'notebook_path',
  'pattern',
  'query',
  'url',
  'title',
  'description',
];

function describeTool({ name, input }: Extract<AgentEvent, { type: 'tool' }>): string {
  const telling = TELLING.map((key) => input?.[key]).find((value) => typeof value === 'string');
  return telling === undefined ? name : `${name} ${telling}`;
}

function report({ task, progress }: AgentScope, event: AgentEvent): void {
  if (event.type === 'tool' && event.phase === 'call')
    progress({ task: task.id, step: 'tool', text: describeTool(event) });
  if (event.type === 'waiting') progress({ task: task.id, step: 'agent', text: event.reason });
}
