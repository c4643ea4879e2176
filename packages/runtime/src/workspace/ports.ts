import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Clock, sha256 } from '@signalbox/kernel';
import type { Executor } from '@signalbox/task-core';
import { RuntimeError } from '../errors.js';
import { withGitLock } from '../git/git-lock.js';
import type { SignalboxHome } from '../project/home.js';
import { isExecutorAlive } from '../project/orphans.js';

/** Below what systems give to outgoing connections (Linux from 32768, others from 49152), above what services usually have. */
const FIRST = 20_000;
const COUNT = 10_000;

export interface PortRequest {
  home: SignalboxHome;
  clock: Clock;
  count: number;
  attempt: string;
  /** Who holds them; they are free again when it is dead. */
  holder: Executor;
}

export interface ReservedPorts {
  ports: readonly number[];
  release(): Promise<void>;
}

/**
 * Reserves TCP ports that no other attempt of this user on this machine has and on which nothing listens. A port is a small file in
 * the user's cache, so that the projects of a user do not collide. Throws `WORKSPACE_FAILED` when there are not enough.
 */
export async function reservePorts(request: PortRequest): Promise<ReservedPorts> {
  const { home, clock, count, attempt, holder } = request;
  if (count === 0) return { ports: [], release: async () => {} };
  const folder = join(home.cache, 'ports', holder.host);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const ports = await withGitLock(join(home.cache, 'ports', 'lock.db'), clock, async () => {
    const taken = await takenPorts(folder);
    const found = await choosePorts(count, attempt, taken);
    for (const port of found) await writeFile(join(folder, String(port)), JSON.stringify({ attempt, holder }));
    return found;
  });
  const release = async (): Promise<void> => {
    for (const port of ports) await rm(join(folder, String(port)), { force: true });
  };
  return { ports, release };
}

/** Those whose holder lives; the files of the dead are removed. */
async function takenPorts(folder: string): Promise<Set<number>> {
  const taken = new Set<number>();
  const lives = new Map<string, boolean>();
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const text = await readFile(file, 'utf8').catch(() => ''); // let go meanwhile
    const isHeld = lives.get(text) ?? isHeldBy(text);
    lives.set(text, isHeld);
    if (isHeld) taken.add(Number(name));
    else await rm(file, { force: true });
  }
  return taken;
}

function isHeldBy(text: string): boolean {
  try {
    return isExecutorAlive((JSON.parse(text) as { holder: Executor }).holder);
  } catch {
    return false; // half written by a process that was killed
  }
}

/** From a place that the attempt decides, so that a port that one has just let go is not the next one's. */
async function choosePorts(count: number, attempt: string, taken: ReadonlySet<number>): Promise<number[]> {
  const start = Number.parseInt(sha256(attempt).slice(-8), 16);
  const found: number[] = [];
  for (let step = 0; step < COUNT && found.length < count; step++) {
    const port = FIRST + ((start + step) % COUNT);
    if (!taken.has(port) && (await isFree(port))) found.push(port);
  }
  if (found.length === count) return found;
  throw new RuntimeError({
    code: 'WORKSPACE_FAILED',
    message: `There are no ${count} free ports between ${FIRST} and ${FIRST + COUNT - 1}.`,
    hint: 'Lower `workspace.ports` in .ai/config.yaml, or end what listens there.',
  });
}

/** Whether one can listen there on loopback, of both kinds where there are both. */
async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '::1'));
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT');
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
