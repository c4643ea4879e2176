import { isAbsolute, relative } from 'node:path';
import type { AgentRequest } from '@signalbox/connectors';
import type { JsonObject } from '@signalbox/kernel';
import type { PolicyRequest } from '@signalbox/policy';
import { matchesGlob, parseGlob } from '@signalbox/rules/glob';
import type { PathLock, TaskStore } from '@signalbox/task-core';
import { currentActor } from '../actor.js';
import type { Ask } from '../door/door.js';
import { urlParts } from '../door/url-parts.js';
import type { AgentDoorScope } from './agent-door.js';

export type CommandLine = { shell: string } | { argv: string[] };

/** What one attempt asks of policy, with what it is about: its AI, its task, the locks that the task holds now. */
export interface AgentAsks {
  /** What the agent wants to do. */
  ofAgent(request: AgentRequest): Promise<Ask>;
  /** A line that we run for the task. */
  ofCommand(command: CommandLine, origin: 'user' | 'ai'): Ask;
  /** A set-up line, which the user has trusted, so that it is the user who acts. */
  ofSetup(line: string): Ask;
  /** A path that was changed. */
  ofWrite(path: string): Ask;
  /** A path as it is called in the workspace. */
  nameIn(path: string): string;
  refreshLocks(): Promise<PathLock[]>;
}

export function createAgentAsks(tasks: TaskStore, scope: AgentDoorScope): AgentAsks {
  let held = scope.task.locks;
  const ask = (action: PolicyRequest['action'], resource: JsonObject): Ask => ({
    actor: { kind: 'ai', id: scope.ai.id },
    action,
    subject: `task/${scope.task.id}`,
    resource,
    sandbox: scope.sandbox.agent,
    labels: scope.ai.labels,
    authors: [scope.task.createdBy],
    attempt: scope.attempt.number,
    task: {
      id: scope.task.id,
      type: scope.task.type,
      labels: scope.task.labels,
      locks: held.map((lock) => lock.glob),
    },
  });
  const nameIn = (path: string): string => (isAbsolute(path) ? relative(scope.workspace, path) : path);
  const inLocks = (path: string): JsonObject => {
    if (held.length === 0) return {};
    const own = held.filter(({ mode }) => mode === 'exclusive');
    return { in_locks: own.some(({ glob }) => matchesGlob(parseGlob(glob), nameIn(path))) };
  };
  const refreshLocks = async (): Promise<PathLock[]> => {
    held = (await tasks.get(scope.task.id))?.locks ?? held;
    return held;
  };
  const ofLine = (action: PolicyRequest['action'], origin: 'user' | 'ai'): Ask => ({
    ...ask({ ...action, cwd: scope.workspace }, { origin }),
    sandbox: scope.sandbox.commands,
  });
  return {
    async ofAgent(request) {
      // It may have asked for one more lock meanwhile.
      if (request.action === 'file.write' && inLocks(request.path)['in_locks'] === false) await refreshLocks();
      return { ...ask(...toAction(request, inLocks)), ...detailsOf(request) };
    },
    ofCommand(command, origin) {
      const line = 'shell' in command ? { command: command.shell } : { argv: command.argv };
      return ofLine({ name: 'shell.run', ...line }, origin);
    },
    ofSetup: (line) => ({ ...ofLine({ name: 'shell.run', command: line }, 'user'), actor: currentActor(null) }),
    ofWrite: (path) => ask({ name: 'file.write' }, { path, ...inLocks(path) }),
    nameIn,
    refreshLocks,
  };
}

/** What an agent asks, in the terms of policy. */
export function toAction(
  request: AgentRequest,
  inLocks: (path: string) => JsonObject,
): [PolicyRequest['action'], JsonObject] {
  switch (request.action) {
    case 'shell.run':
      return [{ name: 'shell.run', command: request.command, cwd: request.cwd }, { origin: 'ai' }];
    case 'file.read':
      return [{ name: 'file.read' }, { path: request.path }];
    case 'file.write':
      return [{ name: 'file.write' }, { path: request.path, ...inLocks(request.path) }];
    case 'net.fetch':
      return [{ name: 'net.fetch' }, urlParts(request.url)];
    case 'tool.call':
      return [{ name: 'tool.call', tool: request.tool, ...(request.server ? { server: request.server } : {}) }, {}];
  }
}

/** What a person must see, and what a yes is bound to, beyond what policy judges. */
function detailsOf(request: AgentRequest): { exactly?: JsonObject } {
  if (request.action === 'net.fetch') return { exactly: { url: request.url } };
  if (request.action === 'tool.call') return { exactly: { input: request.input ?? {} } };
  return {};
}

/** What was asked, in words for a person. To be redacted before it is stored or shown. */
export function describeRequest(request: AgentRequest): string {
  switch (request.action) {
    case 'shell.run':
      return `run \`${request.command}\``;
    case 'file.read':
      return `read ${request.path}`;
    case 'file.write':
      return `write ${request.path}`;
    case 'net.fetch':
      return `fetch ${request.url}`;
    case 'tool.call':
      return `call ${request.server ? `${request.server}/` : ''}${request.tool}`;
  }
}
