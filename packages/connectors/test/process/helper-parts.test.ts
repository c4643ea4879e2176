import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createTempDir } from '@signalbox/testkit';
import { greeting, type HelperAnswer, type SpawnRequest } from '../../src/process/helper-protocol.js';
import { createHelperService, type HelperService } from '../../src/process/helper-service.js';
import type { Stdio } from '../../src/process/start-child.js';
import { openStdioServer, type StdioServer } from '../../src/process/stdio-server.js';
import { plainEnvironment } from './helpers.js';

const token = 'f'.repeat(32);
const turn = () => new Promise((resolve) => setImmediate(resolve));

interface ServiceBench {
  service: HelperService;
  server: StdioServer;
  answers: HelperAnswer[];
  request(argv: string[], stdio: Stdio): SpawnRequest;
  folder: string;
}

/** The helper's side, in this process. */
async function withService(test: (bench: ServiceBench) => Promise<void>): Promise<void> {
  const answers: HelperAnswer[] = [];
  const service = createHelperService((answer) => void answers.push(answer));
  const dir = createTempDir();
  const server = await openStdioServer(dir.path);
  const request = (argv: string[], stdio: Stdio): SpawnRequest => ({
    ...{ id: 7, argv, cwd: dir.path, environment: plainEnvironment(), stdio, socket: server.path, token },
  });
  try {
    await test({ service, server, answers, request, folder: dir.path });
  } finally {
    service.end();
    server.close();
    dir.remove();
  }
}

describe('the helper', () => {
  it('connects the outputs of a child and tells its start and end', () =>
    withService(async ({ service, server, answers, request, folder }) => {
      const coming = server.expect(greeting(token, 1));
      const file = join(folder, 'errors');
      await service.spawn(request(['sh', '-c', 'echo hello; echo bad >&2; exit 3'], ['ignore', 'pipe', { file }]));
      const socket = await coming;
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => void chunks.push(chunk));
      await once(socket, 'close');
      while (answers.length < 2) await turn();
      expect(Buffer.concat(chunks).toString()).toBe('hello\n');
      expect(readFileSync(file, 'utf8')).toBe('bad\n');
      expect(answers[0]).toMatchObject({ type: 'started', id: 7 });
      expect(answers[1]).toEqual({ type: 'exited', id: 7, code: 3, signal: null });
      service.signal(7, 'SIGTERM');
    }));

  it('signals the group of a child', () =>
    withService(async ({ service, answers, request }) => {
      await service.spawn(request(['sleep', '600'], ['ignore', { file: '/dev/null' }, { file: '/dev/null' }]));
      service.signal(7, 'SIGINT');
      while (answers.length < 2) await turn();
      expect(answers[1]).toMatchObject({ signal: 'SIGINT' });
    }));

  it('tells why a child could not be started', () =>
    withService(async ({ service, answers, request }) => {
      await service.spawn(request(['no-such-program-x'], ['pipe', 'pipe', 'pipe']));
      await service.spawn({ ...request(['true'], ['ignore', 'pipe', 'pipe']), socket: '/no/such/socket' });
      expect(answers).toEqual([
        { type: 'failed', id: 7, message: expect.stringContaining('ENOENT') },
        { type: 'failed', id: 7, message: expect.stringContaining('/no/such/socket') },
      ]);
    }));

  it('starts nothing more once its parent is gone, not even what was asked for before', () =>
    withService(async ({ service, answers, request, folder }) => {
      const argv = ['sh', '-c', 'echo > started'];
      const asked = service.spawn(request(argv, ['ignore', 'pipe', 'pipe']));
      service.end();
      await asked;
      expect(answers.filter((answer) => answer.type === 'started')).toEqual([]);
      expect(existsSync(join(folder, 'started'))).toBe(false);
    }));
});

describe('the socket for the pipes of children', () => {
  it('lies in a folder of this user alone, of a length that a socket may have', async () => {
    const dir = createTempDir();
    const long = await openStdioServer(join(dir.path, 'x'.repeat(100)));
    const short = await openStdioServer(dir.path);
    expect(long.path.length).toBeLessThan(104);
    expect(short.path.startsWith(dir.path)).toBe(true);
    expect(statSync(dirname(short.path)).mode & 0o777).toBe(0o700);
    for (const server of [long, short]) server.close();
    expect([long.path, short.path].map((path) => existsSync(dirname(path)))).toEqual([false, false]);
    dir.remove();
    await expect(openStdioServer(dir.path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('hangs up on who does not say whose pipe it is, or says it twice or too late', async () => {
    const server = await openStdioServer();
    const expected = server.expect(greeting(token, 0));
    void server.expect(greeting(token, 2));
    server.forget(greeting(token, 2));
    const first = connect(server.path);
    first.write(greeting(token, 0).slice(0, 5));
    await turn();
    first.write(`${greeting(token, 0).slice(5)}and more`);
    const socket = await expected;
    expect(String((await once(socket, 'data'))[0])).toBe('and more');
    for (const place of [0, 1, 2]) {
      const stranger = connect(server.path, () => void stranger.write(greeting(token, place)));
      await once(stranger, 'close');
    }
    first.destroy();
    socket.destroy();
    server.close();
  });
});
