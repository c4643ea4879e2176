import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { processIdentity } from './identity.js';
import { signalGroup } from './signal-group.js';
import { signalLaunched } from './signal-launched.js';
import { emptyCommand, spawnFailure } from './spawn-failure.js';

export interface ChildExit {
  code: number | null;
  signal: string | null;
  /** Set when whoever had started it ended first, and it was killed for that: why. */
  lost?: string;
}

/** A child that leads a session and group of its own, whoever is its parent. */
export interface StartedChild {
  pid: number;
  /** Start time of its identity; empty when it was gone before it could be read. */
  startedAt: string;
  stdin: Writable | null;
  stdout: Readable | null;
  stderr: Readable | null;
  /** Resolves when it has ended and its group was killed. Never rejects. */
  ended: Promise<ChildExit>;
  /** Signals its group, unless it has ended. */
  signal(name: NodeJS.Signals): void;
}

/** Where an output goes: into a pipe to us, or to the end of a file. */
export type Sink = 'pipe' | { file: string };
export type Stdio = ['ignore' | 'pipe', Sink, Sink];

export interface StartOptions {
  cwd: string;
  environment: Record<string, string>;
  stdio: Stdio;
  /** See `CommandOptions.isLauncher`. */
  isLauncher?: boolean;
}

/** Starts one child. Throws `SPAWN_FAILED`. */
export type StartChild = (argv: readonly string[], options: StartOptions) => Promise<StartedChild>;

/** Starts a child of this process. */
export const startChild: StartChild = async (argv, { cwd, environment, stdio, isLauncher }) => {
  if (!argv[0]) throw emptyCommand();
  const files = stdio.map((target) => (typeof target === 'object' ? openSync(target.file, 'a') : target));
  try {
    const { child, startedAt } = await launch(argv, cwd, environment, files);
    const { pid, stdin, stdout, stderr } = child;
    return { pid, startedAt, stdin, stdout, stderr, ...followEnd(child, isLauncher) };
  } catch (cause) {
    throw spawnFailure(argv, cwd, cause);
  } finally {
    for (const file of files) if (typeof file === 'number') closeSync(file);
  }
};

/** The child's end, and how to signal it until then: its pid is its own for as long as it is not reaped. */
export function followEnd(
  child: ChildProcess & { pid: number },
  isLauncher = false,
): Pick<StartedChild, 'ended' | 'signal'> {
  let over = false;
  const ended = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => {
      over = true;
      signalGroup(child.pid, 'SIGKILL'); // what the child left in its group
      resolve({ code, signal });
    });
  });
  return {
    ended,
    signal(name) {
      if (over) return;
      if (isLauncher && name !== 'SIGKILL') signalLaunched(child.pid, name);
      else signalGroup(child.pid, name);
    },
  };
}

export interface LaunchedChild {
  child: ChildProcess & { pid: number };
  startedAt: string;
}

/** Starts a program as the leader of a new session and process group. Rejects with the system's reason. */
export async function launch(
  [program = '', ...args]: readonly string[],
  cwd: string,
  env: Record<string, string>,
  stdio: StdioOptions,
): Promise<LaunchedChild> {
  const child = spawn(program, args, { cwd, env, stdio, detached: true });
  // Before anything is awaited: a child that ends at once is not reaped yet, so that its pid is still its own.
  const startedAt = child.pid === undefined ? '' : (processIdentity(child.pid)?.startTime ?? '');
  if (child.pid === undefined) await once(child, 'spawn'); // rejects with the reason
  child.on('error', () => {}); // a signal that came too late; the exit tells
  return { child: child as LaunchedChild['child'], startedAt };
}
