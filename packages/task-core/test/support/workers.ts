import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

// These are built programs, as users run them: the worker imports `dist`.
const WORKER = fileURLToPath(new URL('./store-worker.mjs', import.meta.url));

export interface Worker {
  child: ChildProcess;
  /** Says something without waiting for an answer to it. */
  tell(command: string, ...args: unknown[]): void;
  /** The next thing that it says. */
  hear<T>(): Promise<T>;
  ask<T>(command: string, ...args: unknown[]): Promise<T>;
  /** Ends it at once, whatever it is doing. */
  kill(): Promise<void>;
}

export interface Workers {
  start(kind: 'sqlite' | 'file', path: string, offset?: number): Promise<Worker>;
  killAll(): Promise<void>;
}

export function createWorkers(): Workers {
  const workers: Worker[] = [];
  return {
    async start(kind, path, offset = 0) {
      const child = spawn(process.execPath, [WORKER, kind, path, String(offset)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      child.stdin.on('error', () => {});
      const gone = once(child, 'exit');
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const worker: Worker = {
        child,
        tell: (...command) => void child.stdin.write(`${JSON.stringify(command)}\n`),
        async hear<T>() {
          const { value, done } = await lines.next();
          if (done) throw new Error('the worker ended without a word');
          return JSON.parse(String(value)) as T;
        },
        ask(command, ...args) {
          worker.tell(command, ...args);
          return worker.hear();
        },
        async kill() {
          child.kill('SIGKILL');
          await gone;
        },
      };
      workers.push(worker);
      if ((await worker.hear()) !== 'ready') throw new Error('the worker is not ready');
      return worker;
    },
    killAll: async () => void (await Promise.all(workers.map((worker) => worker.kill()))),
  };
}
