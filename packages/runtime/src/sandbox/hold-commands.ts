import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ProcessRunner, type Sandbox, type SandboxProbe, sandboxed } from '@signalbox/connectors';
import type { SandboxMode } from '@signalbox/policy';
import { RuntimeError } from '../errors.js';
import type { ExecutorEnv } from '../executor/env.js';
import type { ProjectPaths } from '../project/paths.js';
import type { Repository, Workspace } from '../workspace/workspace.js';
import { sandboxDemand } from './demand.js';
import { sandboxProblem } from './sandbox-service.js';
import { writablePaths } from './writable-paths.js';

/** What of a workspace decides what a sandbox around it shows. */
export type HeldPlace = Pick<Workspace, 'kind' | 'folder' | 'prefix'> & {
  repository: Pick<Repository, 'top' | 'common'> | null;
};

export interface Holding {
  /** Starts children that may write to these folders and to what the project lists. */
  hold(writable: readonly string[], network: boolean): ProcessRunner;
  /** The places that entries of a configuration stand for. Throws `CONFIG_INVALID` for one that may not be writable. */
  places(entries: readonly string[]): string[];
}

/** Our own sandbox around what works in one workspace. Throws `CONFIG_INVALID` for what may not be writable. */
export function createHolding(env: ExecutorEnv, place: HeldPlace, probe: SandboxProbe & { works: true }): Holding {
  const keeping = keptFrom(env.store.paths, place);
  const home = env.environment['HOME'] ?? homedir();
  const kept = [...keeping.hidden, ...keeping.readable];
  const places = (entries: readonly string[]): string[] => writablePaths(entries, home, kept);
  const listed = places(env.sandbox.config.writable);
  return {
    places,
    hold(writable, network) {
      const sandbox: Sandbox = { program: probe.program, ...keeping, writable: [...listed, ...writable], network };
      return sandboxed(env.processes, sandbox);
    },
  };
}

/** What is the attempt's own around a folder that it works in: the whole of a worktree, also where the project is a part of it. */
export function topOf({ kind, prefix }: HeldPlace, folder: string): string {
  return kind === 'worktree' && prefix !== '' ? folder.slice(0, -prefix.length - 1) : folder;
}

/** How lines are held that no attempt of ours runs. */
export interface HeldCommands {
  commands: SandboxMode;
  forCommand(folder: string): ProcessRunner;
}

/**
 * Chooses how the checks of a task that somebody holds by hand are held: as those of an attempt. `ai`: whose policy counts besides the
 * project's. Throws `POLICY_DENIED` where a sandbox is demanded that cannot be had.
 */
export async function holdCommands(env: ExecutorEnv, ai: string | undefined, place: HeldPlace): Promise<HeldCommands> {
  const policy = env.loadPolicy(env.store.paths.root, ai);
  const problem = await sandboxProblem(env, policy);
  if (problem !== null) throw unavailable(problem);
  const free: HeldCommands = { commands: 'none', forCommand: () => env.processes };
  if (sandboxDemand(env.sandbox.config, policy, env.store.clock.now()) === null) return free;
  const probe = await env.sandbox.probe();
  if (!probe.works) return free;
  const { hold } = createHolding(env, place, probe);
  const { network } = env.sandbox.config;
  return { commands: 'workspace-write', forCommand: (folder) => hold([topOf(place, folder)], network) };
}

/**
 * What is hidden: the keys, the store, approvals and trust, and what other attempts have. What is read-only: the project, its
 * settings and git's own files, also where the attempt works in the project itself.
 */
function keptFrom(paths: ProjectPaths, { kind, folder, repository }: HeldPlace): Pick<Sandbox, 'hidden' | 'readable'> {
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
    code: 'POLICY_DENIED',
    message: `The checks were not run: ${problem.replace(/\.$/, '')}.`,
    hint: 'Run `signalbox doctor` to see what works here; --no-verify takes your word instead.',
  });
}
