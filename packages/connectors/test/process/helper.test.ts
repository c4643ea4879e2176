import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createFakeClock, createTempDir, fixture, openLifeline } from '@signalbox/testkit';
import { findMarked, processIdentity } from '../../src/index.js';
import { startCheaply, usesHelper } from '../../src/process/choose-start.js';
import { createSpawnHelper, type SpawnHelper } from '../../src/process/helper-client.js';
import { systemProcessTable } from '../../src/process/process-table.js';
import type { StartOptions } from '../../src/process/start-child.js';
import { createSupervisorClient, type SupervisorClient } from '../../src/process/supervisor-client.js';
import { allLines, lineWith, newAttempt, plainEnvironment, WAYS, withBench } from './helpers.js';

const holder = new URL('../fixtures/holder.mjs', import.meta.url).pathname;
const BY_HELPER = { supervisor: true, helper: 'always' } as const;
const MB = 2 ** 20;

const options = (more: Partial<StartOptions> = {}): StartOptions => ({
  cwd: '/',
  environment: plainEnvironment(),
  stdio: ['ignore', 'pipe', 'pipe'],
  ...more,
});
const turn = () => new Promise((resolve) => setImmediate(resolve));
const parentOf = (pid: number): number => systemProcessTable().stat(pid)?.parent ?? 0;

async function withHelper(
  test: (helper: SpawnHelper, client: SupervisorClient) => Promise<void>,
  openServer?: () => Promise<never>,
): Promise<void> {
  const client = createSupervisorClient(createFakeClock());
  const helper = createSpawnHelper(client, openServer);
  try {
    await test(helper, client);
  } finally {
    helper.close();
    client.close();
  }
}

for (const { way, use } of WAYS) {
  describe(`what passes between us and a child, ${way}`, () => {
    it('is the same bytes, whatever they are', () =>
      withBench(async ({ runner, base }) => {
        const odd = 'a\nb\u2028c\u2029 "d" \u00e9\ud83d\ude00';
        const environment = { ...base.environment, ODD: odd };
        const argv = ['sh', '-c', 'printf %s "$1$ODD"; cat', 'sh', odd];
        const input = Buffer.alloc(3 * MB, 'xyz\u00e9');
        const result = await runner.run({ ...base, environment, argv, timeoutMs: 60_000, input });
        expect(result.stdout.equals(Buffer.concat([Buffer.from(odd + odd), input]))).toBe(true);
      }, use));

    it('keeps the child waiting while nobody reads', () =>
      withBench(async ({ runner, base }) => {
        const argv = ['sh', '-c', 'yes "$0" | head -n 30000; echo done >&2', 'x'.repeat(999)];
        const child = await runner.spawn({ ...base, argv, stdin: 'ignore' });
        for (let looks = 0; looks < 1000; looks++) await turn();
        expect(child.errorTail()).toBe('');
        expect(await allLines(child)).toHaveLength(30_001);
        expect(child.errorTail()).toBe('done\n');
      }, use));

    it('does not keep a child that closes its outputs from running on', () =>
      withBench(async ({ runner, base }) => {
        const argv = ['sh', '-c', 'echo last; exec >&- 2>&-; read line; exit 7'];
        const child = await runner.spawn({ ...base, argv, stdin: 'pipe' });
        expect((await allLines(child)).map((line) => line.text)).toEqual(['last']);
        child.stdin?.end('go\n');
        expect((await child.exited).code).toBe(7);
      }, use));

    it('is all read though the child ended long ago', () =>
      withBench(async ({ runner, base }) => {
        const child = await runner.spawn({ ...base, argv: ['echo', 'gone'], stdin: 'ignore' });
        await child.gone;
        for (let looks = 0; looks < 10; looks++) await turn();
        expect((await allLines(child)).map((line) => line.text)).toEqual(['gone']);
      }, use));

    it('is many children at once', () =>
      withBench(async ({ runner, base }) => {
        const run = async (n: number) => {
          const marker = { attempt: newAttempt(), ai: 'fake' };
          const argv = ['sh', '-c', `echo ${n}; exit ${n}`];
          const { stdout, code } = await runner.run({ ...base, marker, argv, timeoutMs: 60_000 });
          return [Number(stdout), code];
        };
        const numbers = Array.from({ length: 24 }, (_, n) => n);
        expect(await Promise.all(numbers.map(run))).toEqual(numbers.map((n) => [n, n]));
      }, use));
  });
}

describe('a child of the helper', () => {
  it('leads a group and session of its own, with an identity, and is no child of ours', () =>
    withBench(async ({ runner, base }) => {
      const child = await runner.spawn({ ...base, argv: ['cat'], stdin: 'pipe' });
      expect(processIdentity(child.pid)).toEqual({ pid: child.pid, startTime: child.startedAt });
      expect(parentOf(child.pid)).not.toBe(process.pid);
      expect(() => process.kill(-child.pid, 0)).not.toThrow();
      expect(findMarked(base.marker.attempt)).toEqual([child.pid]);
    }, BY_HELPER));

  it('ends with the helper, says so, and the next one starts', () =>
    withBench(async ({ runner, base }) => {
      const lifeline = await openLifeline();
      try {
        const environment = { ...base.environment, SIGNALBOX_TEST_LIFELINE: lifeline.path };
        const argv = [process.execPath, fixture('leaves-grandchildren.mjs'), '--stay'];
        const child = await runner.spawn({ ...base, environment, argv, stdin: 'ignore' });
        const grandchild = await lifeline.next();
        process.kill(parentOf(child.pid), 'SIGKILL');
        const exit = await child.exited;
        expect(exit).toEqual({ code: null, signal: 'SIGKILL', stopped: expect.stringContaining('helper') });
        await child.gone;
        await grandchild.ended;
        expect(findMarked(base.marker.attempt)).toEqual([]);
        const next = await runner.spawn({ ...base, argv: ['echo', 'again'], stdin: 'ignore' });
        expect((await allLines(next))[0]?.text).toBe('again');
      } finally {
        await lifeline.close();
      }
    }, BY_HELPER));

  it('that was stopped for a reason keeps it when the helper dies', () =>
    withBench(async ({ runner, base, clock }) => {
      const argv = [process.execPath, fixture('ignores-sigterm.mjs')];
      const child = await runner.spawn({ ...base, argv, stdin: 'ignore' });
      await lineWith(child, 'ready');
      const stopped = child.stop('enough');
      process.kill(parentOf(child.pid), 'SIGKILL');
      expect((await child.exited).stopped).toBe('enough');
      await clock.advance(0);
      await stopped;
    }, BY_HELPER));

  it('is refused when the helper dies before it answers, and the next one starts', () =>
    withHelper(async (helper, client) => {
      client.watch('att_x');
      while (!client.ready()) await turn();
      const pid = client.pid() ?? 0;
      process.kill(pid, 'SIGSTOP');
      const refused = helper.start(['true'], options());
      process.kill(pid, 'SIGKILL');
      await expect(refused).rejects.toMatchObject({ code: 'SPAWN_FAILED', hint: expect.stringContaining('again') });
      const child = await helper.start(['sh', '-c', 'exit 3'], options());
      expect(await child.ended).toEqual({ code: 3, signal: null });
      child.signal('SIGTERM');
    }));

  it('is stopped when the runner is closed while it is being started', () =>
    withBench(async ({ runner, base }) => {
      const starting = runner.spawn({ ...base, argv: ['sleep', '600'], stdin: 'ignore' });
      await turn(); // it is asked for; that the helper is not up yet takes some 40 ms
      await runner.close();
      expect((await (await starting).exited).stopped).toContain('closed');
      expect(findMarked(base.marker.attempt)).toEqual([]);
    }, BY_HELPER));

  it('is ours where no socket can be opened', () =>
    withHelper(
      async (helper, client) => {
        const child = await helper.start(['sh', '-c', 'exit 4'], options());
        expect(client.pid()).toBeNull();
        expect((await child.ended).code).toBe(4);
      },
      () => Promise.reject(new Error('no space left')),
    ));

  it('is refused for an output file that cannot be opened, with the reason', () =>
    withHelper(async (helper) => {
      const nowhere = options({ stdio: ['ignore', { file: '/no/such/file' }, 'pipe'] });
      await expect(helper.start(['true'], nowhere)).rejects.toMatchObject({ code: 'ENOENT' });
    }));
});

describe('the death of a parent whose children the helper starts', () => {
  it('is the end of them, and leaves no folder', async () => {
    const lifeline = await openLifeline();
    const temporary = createTempDir();
    const env = {
      ...plainEnvironment(),
      SIGNALBOX_TEST_LIFELINE: lifeline.path,
      HOLDER_HELPER: 'always',
      TMPDIR: temporary.path,
    };
    const argv = [holder, newAttempt(), process.execPath, fixture('leaves-grandchildren.mjs'), '--stay'];
    const parent = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const grandchild = await lifeline.next();
      expect(readdirSync(temporary.path)).toHaveLength(1);
      parent.kill('SIGKILL');
      await once(parent, 'exit');
      await grandchild.ended;
      while (readdirSync(temporary.path).length > 0) await turn();
    } finally {
      parent.kill('SIGKILL');
      await lifeline.close();
      temporary.remove();
    }
  });

  it('need not be violent: it ends by itself when its children have', async () => {
    const temporary = createTempDir();
    const env = { ...plainEnvironment(), HOLDER_HELPER: 'always', TMPDIR: temporary.path };
    const child = spawn(process.execPath, [holder, newAttempt(), 'echo', 'done'], { env });
    try {
      const [code] = await once(child, 'exit');
      expect(code).toBe(0);
      while (readdirSync(temporary.path).length > 0) await turn();
    } finally {
      temporary.remove();
    }
  });
});

describe('the choice of who starts a child', () => {
  it('falls on the helper once this process is large, and at first only when it is very large', () => {
    expect(usesHelper('never', 5000 * MB, true)).toBe(false);
    expect(usesHelper('always', MB, false)).toBe(true);
    expect([50, 90, 100, 1000].map((size) => usesHelper('auto', size * MB, true))).toEqual([false, false, true, true]);
    expect([50, 100, 1000].map((size) => usesHelper('auto', size * MB, false))).toEqual([false, false, true]);
  });

  it('is made anew for each child', async () => {
    let size = 50 * MB;
    const started: string[] = [];
    const helper: SpawnHelper = {
      start: async () => {
        started.push('helper');
        throw new Error('seen');
      },
      close() {},
    };
    const start = startCheaply(
      'auto',
      helper,
      () => true,
      () => size,
    );
    const child = await start(['true'], options());
    await child.ended;
    expect(started).toEqual([]);
    size = 500 * MB;
    await expect(start(['true'], options())).rejects.toThrow('seen');
  });
});
