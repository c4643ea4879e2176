import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '@signalbox/kernel';
import { supervisorPath } from '../supervisor-path.js';

export interface SupervisorClient {
  /** Call before the first child of an attempt is started. Starts the supervisor if there is none. */
  watch(attempt: string): void;
  /** Call when the last child of the attempt and what it left behind have ended. */
  done(attempt: string): void;
  /** Lets the supervisor go. */
  close(): void;
  /** Pid of the running supervisor. */
  pid(): number | null;
}

// Milliseconds until a supervisor that died is replaced: one that cannot run here must not be started in a tight loop.
const RESTART_MS = 1000;

/**
 * One supervisor for all children of this process. It is not waited for: what is written before it has started stays in the
 * pipe. It never keeps this process alive.
 */
export function createSupervisorClient(clock: Clock, path: string = supervisorPath()): SupervisorClient {
  const watched = new Set<string>();
  let current: ChildProcess | null = null;
  let cancelRestart: () => void = () => {};

  const send = (line: string): void => {
    current?.stdin?.write(`${line}\n`);
  };
  const start = (): void => {
    cancelRestart();
    const child = spawn(process.execPath, [path], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/', // keeps no folder busy
      env: {}, // not even the marker of an agent that runs us: its sweep must not end our supervisor
    });
    child.on('error', () => {}); // could not be started: the next watch fails on its pipe and tries again
    child.stdin?.on('error', () => {}); // the supervisor is gone: 'exit' follows
    child.once('exit', () => {
      if (current !== child) return;
      current = null;
      if (watched.size > 0) cancelRestart = clock.after(RESTART_MS, start);
    });
    child.unref();
    (child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    current = child;
    for (const attempt of watched) send(`watch ${attempt}`);
  };

  return {
    watch(attempt) {
      watched.add(attempt);
      if (current) send(`watch ${attempt}`);
      else start();
    },
    done(attempt) {
      watched.delete(attempt);
      send(`done ${attempt}`);
    },
    close() {
      cancelRestart();
      const child = current;
      current = null;
      child?.stdin?.end();
    },
    pid: () => current?.pid ?? null,
  };
}

/** Stands in where the caller wants no supervisor. */
export const noSupervisor: SupervisorClient = { watch() {}, done() {}, close() {}, pid: () => null };
