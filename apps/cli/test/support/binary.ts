import { execFileSync, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Project, Ran } from './project.js';

export const BINARY = fileURLToPath(new URL('../../bin/signalbox.js', import.meta.url));

/** The built binary at work. */
export interface Started {
  pid: number;
  /** How it ended; `exitCode` is -1 when a signal ended it. */
  ended: Promise<Ran>;
  /** Resolves when its standard error holds a text that matches, rejects when it ends without. */
  says(what: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** As Ctrl-C does it: to every process of the terminal's foreground group. */
  interrupt(): void;
}

/** Starts the built binary in a project. */
export function startBinary(project: Project, argv: readonly string[]): Started {
  const child = spawn(process.execPath, [BINARY, ...argv], {
    cwd: project.root,
    env: project.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // a process group of its own, as a shell gives to what it starts
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? -1, stdout, stderr }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    kill: (signal) => void child.kill(signal),
    interrupt: () => void process.kill(-(child.pid ?? 0), 'SIGINT'),
    says: (what) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!what.test(stderr)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        void ended.then(({ exitCode }) => reject(new Error(`it ended (${exitCode}) before saying ${what}: ${stderr}`)));
      }),
  };
}

/** Runs the built binary to its end. */
export function runBinary(project: Project, argv: readonly string[]): Promise<Ran> {
  return startBinary(project, argv).ended;
}

/** The processes that a project's commands have started and that still run: all of them carry its home. */
export function processesOf(project: Project): string[] {
  const listed = execFileSync('ps', ['axeww', '-o', 'pid=,command='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return listed
    .split('\n')
    .filter((line) => line.includes(`HOME=${project.place} `) || line.endsWith(`HOME=${project.place}`));
}

const ROUNDS = 100;

/** Waits until nothing of a project runs any more: for the kernel and the supervisor, not for a schedule. */
export async function nothingLeft(project: Project): Promise<void> {
  let left = processesOf(project);
  for (let round = 0; left.length > 0 && round < ROUNDS; round++) {
    await pause(50);
    left = processesOf(project);
  }
  if (left.length > 0) throw new Error(`still running after ${ROUNDS} looks:\n${left.join('\n')}`);
}
