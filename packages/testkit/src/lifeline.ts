import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createTempDir } from './temp-dir.js';

export interface LifelineProcess {
  pid: number;
  /** Resolves when the process has ended, however it ended: the kernel then closes its connection. */
  ended: Promise<void>;
}

/** A socket to which fixture programs connect, so that a test awaits the end of a process instead of polling for it. */
export interface Lifeline {
  /** For the variable `SIGNALBOX_TEST_LIFELINE` of the fixtures. */
  readonly path: string;
  /** The next process that connects. */
  next(): Promise<LifelineProcess>;
  close(): Promise<void>;
}

/** Opens a lifeline on a Unix socket in a temporary folder. */
export async function openLifeline(): Promise<Lifeline> {
  const dir = createTempDir('sb-life-'); // short: a socket's path has room for about 100 bytes
  const arrived: LifelineProcess[] = [];
  const waiting: ((process: LifelineProcess) => void)[] = [];
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.once('data', (data) => {
      const process: LifelineProcess = { pid: Number(data.toString('utf8')), ended };
      const taker = waiting.shift();
      if (taker) taker(process);
      else arrived.push(process);
    });
  });
  const path = join(dir.path, 's');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    path,
    async next() {
      return arrived.shift() ?? (await new Promise((resolve) => waiting.push(resolve)));
    },
    async close() {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      dir.remove();
    },
  };
}
