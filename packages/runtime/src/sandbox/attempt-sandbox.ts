import type { Connector, ProcessRunner, SandboxProbe } from '@signalbox/connectors';
import type { SandboxMode } from '@signalbox/policy';
import type { AIInstance } from '@signalbox/router';
import { RuntimeError } from '../errors.js';
import type { ExecutorEnv } from '../executor/env.js';
import { probeAI } from '../executor/probe-ai.js';
import type { Workspace } from '../workspace/workspace.js';
import { sandboxDemand } from './demand.js';
import { createHolding, topOf } from './hold-commands.js';
import { isWrapped, sandboxProblem } from './sandbox-service.js';

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
  const { hold, places } = createHolding(env, workspace, probe);
  const named = places(connector.folders?.(ai.config) ?? []);
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

function unavailable(problem: string): RuntimeError {
  return new RuntimeError({
    code: 'NO_CANDIDATE',
    message: `The attempt was not begun: ${problem.replace(/\.$/, '')}.`,
    hint: 'Run `signalbox doctor` to see what works here.',
  });
}
