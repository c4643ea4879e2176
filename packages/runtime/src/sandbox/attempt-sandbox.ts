import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Connector, type ProcessRunner, type Sandbox, type SandboxProbe, sandboxed } from '@signalbox/connectors';
import type { SandboxMode } from '@signalbox/policy';
import type { AIInstance } from '@signalbox/router';
import { RuntimeError } from '../errors.js';
import type { ExecutorEnv } from '../executor/env.js';
import { probeAI } from '../executor/probe-ai.js';
import type { ProjectPaths } from '../project/paths.js';
import type { Workspace } from '../workspace/workspace.js';
import { sandboxDemand } from './demand.js';
import { isWrapped, sandboxProblem } from './sandbox-service.js';
import { writablePaths } from './writable-paths.js';

/** How the children of one attempt are held. */
export interface AttemptSandbox {
  /** What holds the agent's commands and edits. */
  agent: SandboxMode;
  /** What holds set-up lines, checks and the run line. */
  commands: SandboxMode;
  /** The looser of both: what holds the work as a whole. */
  work: SandboxMode;
  /** Whether the agent itself is in it: then it can use neither the store nor our command line. */
  holdsAgent: boolean;
  /** Starts the agent. `folders`: what it may write to besides the workspace. `isLine`: it is a run line, not an agent. */
  forAgent(folders: readonly string[], isLine: boolean): ProcessRunner;
  /** Starts a set-up line or a check in a folder, which it may write to. */
  forCommand(folder: string): ProcessRunner;
}

interface SandboxScope {
  ai: AIInstance;
  connector: Connector;
  workspace: Workspace;
}

/**
 * Chooses how an attempt is held, and keeps to that: whatever changes meanwhile, what policy is told is what is so. Throws
 * `NO_CANDIDATE` where a sandbox is demanded that cannot be had, `CONFIG_INVALID` for what may not be writable.
 */
export async function openAttemptSandbox(env: ExecutorEnv, scope: SandboxScope): Promise<AttemptSandbox> {
  const { ai, connector } = scope;
  const policy = env.loadPolicy(env.store.paths.root, ai.id);
  const problem = await sandboxProblem(env, policy);
  if (problem !== null) throw unavailable(problem);
  const { sandbox: own = 'none' } = await probeAI(env, ai, connector);
  const free: AttemptSandbox = {
    agent: own,
    commands: 'none',
    work: 'none',
    holdsAgent: false,
    forAgent: () => env.processes,
    forCommand: () => env.processes,
  };
  if (sandboxDemand(env.sandbox.config, policy, env.store.clock.now()) === null) return free;
  const probe = await env.sandbox.probe();
  if (!probe.works) return free;
  return held(env, scope, probe, own);
}

function held(
  env: ExecutorEnv,
  { ai, connector, workspace }: SandboxScope,
  probe: SandboxProbe & { works: true },
  own: SandboxMode,
): AttemptSandbox {
  const { config } = env.sandbox;
  const { paths } = env.store;
  const keeping = keptFrom(paths, workspace);
  const home = env.environment['HOME'] ?? homedir();
  const kept = [...keeping.hidden, ...keeping.readable];
  const listed = writablePaths(config.writable, home, kept);
  const named = writablePaths(connector.folders?.(ai.config) ?? [], home, kept);
  const hold = (writable: readonly string[], network: boolean): ProcessRunner => {
    const sandbox: Sandbox = { program: probe.program, ...keeping, writable: [...listed, ...writable], network };
    return sandboxed(env.processes, sandbox);
  };
  const wraps = isWrapped(probe, own === 'none' ? {} : { sandbox: own });
  return {
    agent: own === 'read-only' ? own : 'workspace-write',
    commands: 'workspace-write',
    work: 'workspace-write',
    holdsAgent: wraps,
    forAgent: (folders, isLine) =>
      wraps
        ? hold([topOf(workspace, workspace.folder), ...named, ...folders], !isLine || config.network)
        : env.processes,
    forCommand: (folder) => hold([topOf(workspace, folder)], config.network),
  };
}

/** What is the attempt's own around a folder that it works in: the whole of a worktree, also where the project is a part of it. */
function topOf({ kind, prefix }: Workspace, folder: string): string {
  return kind === 'worktree' && prefix !== '' ? folder.slice(0, -prefix.length - 1) : folder;
}

/**
 * What is hidden: the keys, the store, approvals and trust, and what other attempts have. What is read-only: the project, its
 * settings and git's own files, also where the attempt works in the project itself.
 */
function keptFrom(paths: ProjectPaths, { kind, folder, repository }: Workspace): Pick<Sandbox, 'hidden' | 'readable'> {
  const git = repository ? [repository.common] : [];
  if (repository && kind === 'in-place') git.push(join(repository.top, '.git'));
  if (repository && repository.top !== folder && kind === 'in-place') git.push(repository.top);
  return {
    hidden: [paths.state, paths.backups, paths.home.config, paths.home.cache],
    readable: [paths.ai, ...git, ...(folder === paths.root ? [] : [paths.root])],
  };
}

function unavailable(problem: string): RuntimeError {
  return new RuntimeError({
    code: 'NO_CANDIDATE',
    message: `The attempt was not begun: ${problem.replace(/\.$/, '')}.`,
    hint: 'Run `signalbox doctor` to see what works here.',
  });
}
