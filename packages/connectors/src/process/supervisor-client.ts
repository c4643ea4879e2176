import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock } from '@signalbox/kernel';
import { supervisorPath } from '../supervisor-path.js';
import type { HelperAnswer } from './helper-protocol.js';
import { createLineSplitter } from './line-splitter.js';

export interface SupervisorClient {
  /** Call before the first child of an attempt is started. Starts the supervisor if there is none. */
  watch(attempt: string): void;
  /** Call when the last child of the attempt and what it left behind have ended. */
  done(attempt: string): void;
  /** Writes a line, to a supervisor that is started if there is none. */
  send(line: string): void;
  /** Who is told what the supervisor answers, and that one has ended. There may be several. */
  listen(listener: SupervisorListener): void;
  /** Keeps this process alive, as a child does, until `release` was called as often. */
  hold(): void;
  release(): void;
  /** Whether it is up, so that an answer takes no start of a process. */
  ready(): boolean;
  /** Lets the supervisor go. */
  close(): void;
  /** Pid of the running supervisor. */
  pid(): number | null;
}

export interface SupervisorListener {
  answer(answer: HelperAnswer): void;
  /** What was sent to it may or may not have been done. */
  lost(): void;
}

// Milliseconds until a supervisor that died is replaced: one that cannot run here must not be started in a tight loop.
const RESTART_MS = 1000;

/**
 * One supervisor for all children of this process. It is not waited for: what is written before it has started stays in the
 * pipe.
 */
export function createSupervisorClient(clock: Clock, path: string = supervisorPath()): SupervisorClient {
  const watched = new Set<string>();
  let current: ChildProcess | null = null;
  let isReady = false;
  const listeners: SupervisorListener[] = [];
  let holds = 0;
  let cancelRestart: () => void = () => {};

  const write = (line: string): void => {
    current?.stdin?.write(`${line}\n`);
  };
  const setHolds = (count: number): void => {
    holds = count;
    for (const handle of [current, current?.stdout]) keepAlive(handle, count > 0);
  };
  const start = (): void => {
    cancelRestart();
    const child = startSupervisor(path);
    const end = (): void => {
      if (current !== child) return;
      current = null;
      isReady = false;
      if (watched.size > 0) cancelRestart = clock.after(RESTART_MS, start);
      for (const listener of listeners) listener.lost();
    };
    child.once('close', end);
    child.once('error', end); // could not be started: what is written meanwhile is lost
    readAnswers(child.stdout, (answer) => {
      if (answer.type === 'ready') isReady = true;
      for (const listener of listeners) listener.answer(answer);
    });
    keepAlive(child.stdin, false);
    current = child;
    setHolds(holds);
    for (const attempt of watched) write(`watch ${attempt}`);
  };

  return {
    watch(attempt) {
      watched.add(attempt);
      if (current) write(`watch ${attempt}`);
      else start();
    },
    done(attempt) {
      watched.delete(attempt);
      write(`done ${attempt}`);
    },
    send(line) {
      if (!current) start();
      write(line);
    },
    listen: (listener) => void listeners.push(listener),
    hold: () => setHolds(holds + 1),
    release: () => setHolds(Math.max(0, holds - 1)),
    ready: () => isReady,
    close() {
      cancelRestart();
      setHolds(0);
      const child = current;
      current = null;
      isReady = false;
      child?.stdin?.end();
    },
    pid: () => current?.pid ?? null,
  };
}

function startSupervisor(path: string): ChildProcess {
  const child = spawn(process.execPath, [path], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd: '/', // keeps no folder busy
    // Not ours: it may have the marker of an agent that runs us, whose sweep must not end our supervisor. Not empty either,
    // or every sweep would take it for a process in the middle of an exec.
    env: { SIGNALBOX_SUPERVISOR: '1' },
  });
  child.stdin?.on('error', () => {}); // the supervisor is gone: 'close' follows
  return child;
}

function readAnswers(output: Readable | null, take: (answer: HelperAnswer) => void): void {
  const lines = createLineSplitter('out');
  output?.on('data', (chunk: Buffer) => {
    for (const { text } of lines.push(chunk)) take(JSON.parse(text));
  });
  output?.on('error', () => {}); // 'close' follows
}

/** Streams of a child are sockets, though their types do not say so. */
function keepAlive(handle: unknown, on: boolean): void {
  const { ref, unref } = (handle ?? {}) as { ref?: () => void; unref?: () => void };
  (on ? ref : unref)?.call(handle);
}
