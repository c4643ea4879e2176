import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { messageOf } from '@signalbox/kernel';
import { ConnectorError } from '../errors.js';
import { processIdentity } from './identity.js';

export interface StartedChild {
  child: ChildProcess & { pid: number };
  /** Start time of its identity; empty when it was gone before it could be read. */
  startedAt: string;
}

export type Stdio = ['ignore' | 'pipe', 'pipe' | number, 'pipe' | number];

interface StartOptions {
  cwd: string;
  environment: Record<string, string>;
  stdio: Stdio;
}

/** Starts a program as the leader of a new session and process group. Throws `SPAWN_FAILED`. */
export async function startChild(argv: readonly string[], options: StartOptions): Promise<StartedChild> {
  const { cwd, environment, stdio } = options;
  const [program, ...args] = argv;
  if (!program) throw spawnFailed('an empty command', 'Give at least the name of a program.');
  try {
    const child = spawn(program, args, { cwd, env: environment, stdio, detached: true });
    // Before anything is awaited: a child that ends at once is not reaped yet, so that its pid is still its own.
    const startedAt = child.pid === undefined ? '' : (processIdentity(child.pid)?.startTime ?? '');
    if (child.pid === undefined) await once(child, 'spawn'); // rejects with the reason
    child.on('error', () => {}); // a signal that came too late; the exit tells
    return { child: child as StartedChild['child'], startedAt };
  } catch (cause) {
    const hint = isFolder(cwd)
      ? 'Check that the program is installed, executable and in the PATH that the child is given.'
      : `The working directory ${cwd} does not exist.`;
    throw spawnFailed(`${program} (${messageOf(cause)})`, hint, cause);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function spawnFailed(what: string, hint: string, cause?: unknown): ConnectorError {
  return new ConnectorError({ code: 'SPAWN_FAILED', message: `Could not start ${what}.`, hint, cause });
}
