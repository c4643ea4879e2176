import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { createFakeClock, fixture, type Lifeline, openLifeline } from '@signalbox/testkit';
import { createSupervisedSweep } from '../../src/process/supervised-sweep.js';
import { createSupervisorClient } from '../../src/process/supervisor-client.js';
import { supervisorPath } from '../../src/supervisor-path.js';
import { newAttempt, plainEnvironment, withBench } from './helpers.js';

const holder = new URL('../fixtures/holder.mjs', import.meta.url).pathname;

function startHolder(lifeline: Lifeline, attempt: string, extra: Record<string, string> = {}): ChildProcess {
  const argv = [holder, attempt, process.execPath, fixture('leaves-grandchildren.mjs'), '--stay'];
  const env = { ...plainEnvironment(), SIGNALBOX_TEST_LIFELINE: lifeline.path, ...extra };
  return spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'inherit'] });
}

describe('the supervisor', () => {
  it('ends the whole tree when its parent is killed', async () => {
    const lifeline = await openLifeline();
    const parent = startHolder(lifeline, newAttempt());
    try {
      const grandchild = await lifeline.next();
      parent.kill('SIGKILL');
      await once(parent, 'exit');
      await grandchild.ended;
    } finally {
      parent.kill('SIGKILL');
      await lifeline.close();
    }
  });

  it('lets a process end by itself when nothing is left to watch', async () => {
    const child = spawn(process.execPath, [holder, newAttempt(), 'echo', 'done'], {
      env: plainEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });

  it('is started with the first child and replaced when somebody kills it', async () => {
    const clock = createFakeClock();
    const client = createSupervisorClient(clock);
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    expect(client.pid()).toBeNull();
    client.watch('att_one');
    const first = client.pid();
    client.watch('att_two');
    expect(client.pid()).toBe(first);
    if (first === null) throw new Error('not started');
    process.kill(first, 'SIGKILL');
    while (client.pid() !== null) await turn();
    await clock.advance(1000);
    const second = client.pid();
    expect(second).not.toBeNull();
    if (second !== null) process.kill(second, 'SIGKILL');
    while (client.pid() !== null) await turn();
    client.watch('att_three');
    expect(client.pid()).not.toBeNull();
    for (const attempt of ['att_one', 'att_two', 'att_three']) client.done(attempt);
    client.close();
    expect(client.pid()).toBeNull();
    expect(clock.pending()).toBe(0);
  });

  it('sweeps for its parent, which goes on by itself when it dies meanwhile', async () => {
    const client = createSupervisorClient(createFakeClock());
    const sweepSupervised = createSupervisedSweep(client);
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const startMarked = (attempt: string) =>
      spawn('sleep', ['600'], { env: { ...plainEnvironment(), SIGNALBOX_ATTEMPT: attempt }, detached: true });
    try {
      client.watch('att_other');
      while (!client.ready()) await turn();
      for (const dies of [false, true]) {
        const attempt = newAttempt();
        const marked = startMarked(attempt);
        const ended = once(marked, 'exit');
        const pid = client.pid() ?? 0;
        if (dies) process.kill(pid, 'SIGSTOP');
        const swept = sweepSupervised(attempt);
        await turn();
        await turn();
        if (dies) process.kill(pid, 'SIGKILL');
        await swept;
        expect((await ended)[1]).toBe('SIGKILL');
      }
    } finally {
      client.done('att_other');
      client.close();
    }
  });

  it('is one for all children of a runner', () =>
    withBench(
      async ({ runner, base }) => {
        const result = await runner.run({ ...base, argv: ['true'], timeoutMs: 60_000 });
        expect(result.code).toBe(0);
      },
      { supervisor: true },
    ));

  it('is named as missing when the package was not built', () => {
    expect(() => supervisorPath('file:///nowhere/src/x.js')).toThrow('supervisor');
    expect(supervisorPath()).toMatch(/dist\/supervisor\.js$/);
  });
});
