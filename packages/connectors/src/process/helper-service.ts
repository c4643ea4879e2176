import { once } from 'node:events';
import { closeSync, openSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { messageOf } from '@signalbox/kernel';
import { greeting, type HelperAnswer, type SpawnRequest } from './helper-protocol.js';
import { followEnd, launch } from './start-child.js';

export interface HelperService {
  spawn(request: SpawnRequest): Promise<void>;
  /** Signals the group of a child that has not ended. */
  signal(id: number, name: NodeJS.Signals): void;
  /** Call when the parent is gone: starts nothing more and kills what it has started. */
  end(): void;
}

/** Starts children for a process that is too large to fork. Their outputs do not pass through here. */
export function createHelperService(send: (answer: HelperAnswer) => void): HelperService {
  const signals = new Map<number, (name: NodeJS.Signals) => void>();
  const folders = new Set<string>();
  let over = false;
  return {
    async spawn(request) {
      const { id, argv, cwd, environment } = request;
      folders.add(dirname(request.socket));
      const opened: (Socket | number)[] = [];
      try {
        const stdio = await Promise.all(request.stdio.map((_, place) => open(request, place, opened)));
        if (over) return;
        const { child, startedAt } = await launch(argv, cwd, environment, stdio);
        const { ended, signal } = followEnd(child, request.isLauncher);
        signals.set(id, signal);
        send({ type: 'started', id, pid: child.pid, startedAt });
        void ended.then((exit) => {
          signals.delete(id);
          send({ type: 'exited', id, code: exit.code, signal: exit.signal });
        });
      } catch (error) {
        send({ type: 'failed', id, message: messageOf(error) });
      } finally {
        for (const end of opened) {
          if (typeof end === 'number') closeSync(end);
          else end.destroy(); // closes our copy; `end()` would shut the connection down, the child's copy too
        }
      }
    },
    signal: (id, name) => signals.get(id)?.(name),
    end() {
      over = true;
      for (const signal of signals.values()) signal('SIGKILL');
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Opens what stands at `place` in the child's stdio, and notes it in `opened`. */
async function open(
  { stdio, socket: path, token }: SpawnRequest,
  place: number,
  opened: (Socket | number)[],
): Promise<Socket | number | 'ignore'> {
  const target = stdio[place];
  if (target === 'pipe') {
    const socket = connect(path);
    opened.push(socket);
    socket.pause(); // what comes on it is for the child
    await once(socket, 'connect');
    socket.write(greeting(token, place)); // into an empty buffer, so at once
    return socket;
  }
  if (typeof target !== 'object') return 'ignore';
  const file = openSync(target.file, 'a');
  opened.push(file);
  return file;
}
