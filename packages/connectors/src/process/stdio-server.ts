import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOKEN_LENGTH } from './helper-protocol.js';

export interface StdioServer {
  path: string;
  /** The connection that begins with `greeting`. Its data begin behind that. Rejects when connections cannot be taken. */
  expect(greeting: string): Promise<Socket>;
  /** Waits for it no more; one that has come is closed. */
  forget(greeting: string): void;
  /** Removes the socket and its folder. Open connections stay. */
  close(): void;
}

// sun_path holds 108 bytes with its end on Linux, 104 on macOS and the BSDs; ours adds some 20 to the folder.
const MAX_FOLDER = 80;

/** Listens on a Unix socket in a folder of its own that only this user may enter. It keeps no process alive. */
export async function openStdioServer(temporary: string = tmpdir()): Promise<StdioServer> {
  const base = Buffer.byteLength(temporary) > MAX_FOLDER ? '/tmp' : temporary;
  const folder = mkdtempSync(join(base, 'signalbox-'));
  const path = join(folder, 'io');
  const waiting = new Map<string, { accept(socket: Socket): void; refuse(error: Error): void }>();
  const server = createServer((socket) => {
    socket.on('error', () => {}); // 'close' follows
    const greet = (): void => {
      const begin: Buffer | null = socket.read(TOKEN_LENGTH + 1);
      if (begin === null) return;
      socket.off('readable', greet);
      const greeting = begin.toString('latin1');
      const waiter = waiting.get(greeting);
      waiting.delete(greeting);
      if (waiter) waiter.accept(socket);
      else socket.destroy();
    };
    socket.on('readable', greet);
  });
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    server.listen({ path, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    remove();
    throw error;
  }
  // A connection was not taken (EMFILE, ENFILE), and nothing says whose it was.
  server.on('error', (error) => {
    for (const waiter of waiting.values()) waiter.refuse(error);
    waiting.clear();
  });
  server.unref();
  return {
    path,
    expect: (greeting) => new Promise((accept, refuse) => waiting.set(greeting, { accept, refuse })),
    forget(greeting) {
      waiting.delete(greeting);
    },
    close() {
      server.close();
      remove();
    },
  };
}
