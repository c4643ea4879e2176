import { createServer, type Server, type Socket } from 'node:net';
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
  /** Also ends the fixtures that are still connected. */
  close(): Promise<void>;
}

/** Opens a lifeline on a Unix socket in a temporary folder. */
export async function openLifeline(): Promise<Lifeline> {
  const dir = createTempDir('sb-life-'); // short: a socket's path has room for about 100 bytes
  const arrived: LifelineProcess[] = [];
  const waiting: ((process: LifelineProcess) => void)[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    sockets.add(socket);
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    void ended.then(() => sockets.delete(socket));
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
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // A server waits for its connections. A test that has failed may have left one, and would hang here for ever.
      for (const socket of sockets) socket.destroy();
      await closed;
      dir.remove();
    },
  };
}
