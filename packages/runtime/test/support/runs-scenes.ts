import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { findMarked } from '@signalbox/connectors';
import { createFakeClock, type FakeTurn, type OpenAIFault } from '@signalbox/testkit';
import { executeAll } from '../../src/index.js';
import { add, execute, exists, worktreeOf } from './bench.js';
import { type AgentScenario, scripted, type WithAgent } from './runs-agents.js';
import { AFTER, aftermathOf, expectAftermath } from './runs-faults.js';

// This runs the built package, as a user's process would.
const EXECUTOR = fileURLToPath(new URL('../fixtures/executor.mjs', import.meta.url));
/** More than the idle watchdog waits, and less than anything else does. */
const STEP_MS = 5_000;
const STEPS = 1_000;

/** A provider that says nothing any more: the clock is moved until somebody gives the agent up. */
export function expectStall(withAgent: WithAgent, fault: OpenAIFault): Promise<void> {
  return withAgent({ faults: [{ times: 100, fault }] } as AgentScenario, async (project, agent) => {
    const clock = createFakeClock();
    const box = await project.open({ clock });
    await agent.register(box);
    const task = await add(box, { description: scripted({ text: 'Done.' }), checks: ['true'] });
    const asked = agent.asked((request) => request.fault === fault.kind);
    let ended = false;
    const execution = execute(box, task).finally(() => {
      ended = true;
    });
    await Promise.race([asked, execution]);
    for (let step = 0; !ended && step < STEPS; step++) {
      await clock.advance(STEP_MS);
      // What the agent's process does on its way out takes real time.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expectAftermath(fault.kind, await aftermathOf(box, await execution), AFTER.stalled);
  });
}

/** Three failures in a row: the AI is given no more for a while, and what it had waits or goes to another. */
export function expectBreaker(withAgent: WithAgent): Promise<void> {
  const faults = [{ prompt: 'is broken', times: 100, fault: { kind: 'status', status: 500 } }];
  return withAgent({ faults } as AgentScenario, async (project, agent) => {
    const box = await project.open();
    await agent.register(box, 'first');
    const broken = await add(box, { description: scripted({ text: 'It is broken.' }), ai: 'first', checks: ['true'] });
    for (const attempt of [1, 2]) {
      expect((await execute(box, broken)).task).toMatchObject({ status: 'queued', attempt });
    }
    expect((await execute(box, broken)).task).toMatchObject({
      status: 'failed',
      attempt: 3,
      failure: { class: 'transient' },
    });
    const pinned = await add(box, { type: 'review', description: scripted({ text: 'Fine.' }), ai: 'first' });
    await expect(execute(box, pinned)).rejects.toMatchObject({
      code: 'NO_CANDIDATE',
      message: expect.stringMatching(/3 times in a row/),
    });
    expect(await box.tasks.get(pinned.id)).toMatchObject({ status: 'queued', attempt: 0 });
    await agent.register(box, 'second');
    const free = await add(box, { type: 'review', description: scripted({ text: 'Fine.' }) });
    expect((await execute(box, free)).attempt).toMatchObject({ ai: 'second', outcome: 'succeeded' });
  });
}

/** Words without work: the agent says that all is done, three times. */
export function expectNoFalseSuccess(withAgent: WithAgent): Promise<void> {
  return withAgent({ fallback: { text: 'All done, every test passes.' } }, async (project, agent) => {
    const box = await project.open();
    await agent.register(box);
    const task = await add(box, { description: 'Say hello.', checks: ['grep -rq hello src'] });
    for (const [attempt, status] of [
      [1, 'queued'],
      [2, 'queued'],
      [3, 'failed'],
    ] as const) {
      const execution = await execute(box, task);
      expect(execution.task).toMatchObject({ status, attempt, notBefore: null });
      expect(execution.attempt).toMatchObject({ outcome: 'failed', failure: { class: 'checks_failed' } });
      expect(execution.verdict.pass).toBe(false);
    }
    // The second and the third were told what was wrong with the one before.
    const told = agent.requests.filter(({ prompt }) => prompt?.includes('The attempt before this one failed'));
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told[0]?.prompt).toContain('grep -rq hello src');
    expect(project.git('rev-parse', 'signalbox/integration')).toBe(project.git('rev-parse', 'main'));
    expect(await box.ledger.verify()).toMatchObject({ ok: true });
  });
}

/** Our own process is killed while the agent waits for its model, with half of its work done. */
export function expectLifeAfterKill(withAgent: WithAgent, half: FakeTurn, whole: FakeTurn): Promise<void> {
  const description = scripted(half, whole, { text: 'Done.' });
  return withAgent({ faults: [{ turn: 1, fault: { kind: 'hang' } }] }, async (project, agent) => {
    const first = await project.open();
    await agent.register(first);
    const task = await add(first, { description, checks: ['grep -rq half src', 'grep -rq whole src'] });
    const hangs = agent.asked(({ fault }) => fault === 'hang');
    const child = spawn(process.execPath, [EXECUTOR, project.root, task.id], {
      env: project.environment,
      stdio: 'ignore',
    });
    const exited = once(child, 'exit');
    const ended = exited.then(() => Promise.reject(new Error('the executor ended by itself')));
    await Promise.race([hangs, ended]);
    ended.catch(() => {});
    child.kill('SIGKILL');
    await exited;
    const [held] = await first.tasks.held();
    expect(held).toMatchObject({ task: { id: task.id, status: 'running' } });

    const box = await project.open();
    expect(findMarked(held?.attempt?.id ?? '')).toEqual([]);
    expect(await box.tasks.get(task.id)).toMatchObject({ status: 'queued', attempt: 0, lease: null });
    const after = await execute(box, task);
    expect(after.task).toMatchObject({ status: 'done', attempt: 1 });
    expect(findMarked(after.attempt.id)).toEqual([]);
    expect(exists(worktreeOf(box, task))).toBe(false);
    expect(project.git('show', 'signalbox/integration:src/whole.txt')).toBe('whole');
    // What the first had done by then is kept.
    expect(project.git('show', `signalbox/${task.id}/1:src/half.txt`)).toBe('half');
    expect(await box.ledger.verify()).toMatchObject({ ok: true });
  });
}

/** Eight tasks, two at a time, each two of which need the same folder. */
export function expectEight(withAgent: WithAgent, edit: (path: string, text: string) => FakeTurn): Promise<void> {
  return withAgent({}, async (project, agent) => {
    const box = await project.open();
    await agent.register(box);
    for (let n = 0; n < 8; n++) {
      const description = scripted(edit(`src/d${n % 4}/t${n}.txt`, `t${n}\n`), { text: 'Done.' });
      const locks = [{ glob: `src/d${n % 4}/**`, mode: 'exclusive' as const }];
      await add(box, { title: `t${n}`, description, locks, checks: [`grep -rqx t${n} src`] });
    }
    let [running, most] = [0, 0];
    const summary = await executeAll(box.executor, {
      actor: box.actor,
      concurrency: 2,
      progress: ({ step }) => {
        if (step === 'routed') most = Math.max(most, ++running);
        if (step === 'landed' || step === 'settled') running -= 1;
      },
      onExecution: () => {},
    });
    expect(summary).toEqual({ executed: 8, done: 8, failed: 0, blocked: 0 });
    expect(most).toBe(2);
    const log = project.git(
      'log',
      '--format=%(trailers:key=Signalbox-Task,valueonly,separator=%x2C)',
      'main..signalbox/integration',
    );
    expect(new Set(log.split('\n').filter(Boolean)).size).toBe(8);
    expect(await box.ledger.verify()).toMatchObject({ ok: true });
  });
}
