import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { greeting, type HelperAnswer, type SpawnRequest, TOKEN_LENGTH } from './helper-protocol.js';
import { isAlive } from './identity.js';
import { signalGroup } from './signal-group.js';
import { emptyCommand, helperLost, spawnFailure } from './spawn-failure.js';
import { type ChildExit, type StartChild, type StartedChild, type StartOptions, startChild } from './start-child.js';
import { openStdioServer, type StdioServer } from './stdio-server.js';
import type { SupervisorClient } from './supervisor-client.js';

export interface SpawnHelper {
  /** Starts a child of the supervisor, or of this process where no socket can be opened. Throws `SPAWN_FAILED`. */
  start: StartChild;
  close(): void;
}

/** A child that was asked for and has not ended, as far as we know. */
interface Remote {
  started(pid: number, startedAt: string): void;
  failed(error: Error): void;
  exited(exit: ChildExit): void;
  /** The helper has ended. */
  lost(): void;
}

/** Starts children through the supervisor program, whatever the size of this process. */
export function createSpawnHelper(
  supervisor: SupervisorClient,
  openServer: () => Promise<StdioServer> = openStdioServer,
): SpawnHelper {
  const remotes = new Map<number, Remote>();
  let lastId = 0;
  let opening: Promise<StdioServer | null> | null = null;

  const drop = (id: number): void => {
    if (remotes.delete(id)) supervisor.release();
  };
  supervisor.listen({
    answer(answer) {
      if ('id' in answer) deliver(answer, remotes.get(answer.id));
    },
    lost() {
      for (const remote of [...remotes.values()]) remote.lost();
    },
  });
  return {
    async start(argv, options) {
      if (!argv[0]) throw emptyCommand();
      createFiles(options);
      opening ??= openServer().catch(() => null);
      const server = await opening;
      if (!server) return startChild(argv, options);
      const id = ++lastId;
      const token = randomBytes(TOKEN_LENGTH / 2).toString('hex');
      const pipes = expectPipes(server, token, options);
      const child = new Promise<StartedChild>((resolve, reject) => {
        remotes.set(id, followRemote({ id, argv, supervisor, pipes, drop, resolve, reject }));
      });
      supervisor.hold();
      const { cwd, environment, stdio, isLauncher = false } = options;
      const request: SpawnRequest = { id, argv, cwd, environment, stdio, isLauncher, socket: server.path, token };
      supervisor.send(`spawn ${JSON.stringify(request)}`);
      return child.catch((error) => {
        pipes.forget();
        throw error instanceof HelperRefusal ? spawnFailure(argv, cwd, error) : error;
      });
    },
    close() {
      void opening?.then((server) => server?.close());
      opening = null;
    },
  };
}

/** The reason why the helper could not start a child, in the system's words. */
class HelperRefusal extends Error {}

function deliver(answer: HelperAnswer, remote: Remote | undefined): void {
  if (answer.type === 'started') remote?.started(answer.pid, answer.startedAt);
  if (answer.type === 'failed') remote?.failed(new HelperRefusal(answer.message));
  if (answer.type === 'exited') remote?.exited({ code: answer.code, signal: answer.signal });
}

interface Following {
  id: number;
  argv: readonly string[];
  supervisor: SupervisorClient;
  pipes: Pipes;
  drop: (id: number) => void;
  resolve: (child: StartedChild) => void;
  reject: (error: Error) => void;
}

function followRemote({ id, argv, supervisor, pipes, drop, resolve, reject }: Following): Remote {
  let identity: { pid: number; startTime: string } | null = null;
  let end: (exit: ChildExit) => void = () => {};
  let over = false;
  const ended = new Promise<ChildExit>((done) => {
    end = (exit) => {
      over = true;
      done(exit);
    };
  });
  const fail = (error: Error): void => {
    drop(id);
    reject(error);
  };
  const signal = (name: NodeJS.Signals): void => {
    if (!over) supervisor.send(`signal ${id} ${name}`);
  };
  return {
    started(pid, startedAt) {
      identity = { pid, startTime: startedAt };
      const opened = pipes.opened.then(([stdin, stdout, stderr]) => {
        stdin?.resume(); // notices that the child has closed it
        resolve({ pid, startedAt, stdin, stdout, stderr, ended, signal });
      });
      // Not before both: until its pipes are here, nothing else keeps this process alive.
      void opened
        .then(() => ended)
        .then(
          () => drop(id),
          (error) => {
            signal('SIGKILL');
            fail(error);
          },
        );
    },
    failed: fail,
    exited: end,
    lost() {
      if (!identity) {
        fail(helperLost(argv));
        return;
      }
      if (isAlive(identity)) signalGroup(identity.pid, 'SIGKILL');
      end({ code: null, signal: 'SIGKILL', lost: 'The helper process that had started it ended.' });
    },
  };
}

interface Pipes {
  /** Input, output, error output. */
  opened: Promise<[Socket | null, Socket | null, Socket | null]>;
  forget(): void;
}

function expectPipes(server: StdioServer, token: string, { stdio }: StartOptions): Pipes {
  const open = (place: number): Promise<Socket> | null =>
    stdio[place] === 'pipe' ? server.expect(greeting(token, place)) : null;
  const sockets = [open(0), open(1), open(2)] as const;
  const opened = Promise.all(sockets);
  opened.catch(() => {}); // told once the child has started, if it has
  return {
    opened,
    forget() {
      for (const place of stdio.keys()) server.forget(greeting(token, place));
      for (const socket of sockets) void socket?.then((open) => open.destroy()).catch(() => {});
    },
  };
}

/** Creates the output files, so that what is wrong with them is thrown here, as if this process opened them for the child. */
function createFiles({ stdio }: StartOptions): void {
  for (const target of stdio) if (typeof target === 'object') closeSync(openSync(target.file, 'a'));
}
