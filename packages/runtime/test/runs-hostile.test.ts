import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findMarked } from '@signalbox/connectors';
import { realClaude } from '@signalbox/testkit';
import {
  checkReceipt,
  executeAll,
  executeTask,
  exportReceipt,
  parseVerifiers,
  resumeAI,
  type Signalbox,
} from '../src/index.js';
import type { Attempt, Task } from '../src/project/index.js';
import { add, exists, type Project, USER } from './support/bench.js';
import { type RealAgent, withClaude } from './support/runs-agents.js';
import {
  checkOf,
  endOf,
  faultsOf,
  fileOf,
  firstOf,
  type Hostile,
  planHostile,
  turnsOf,
  wantedIn,
} from './support/runs-hostile.js';
import { countRuns, withSeed } from './support/runs-seed.js';

/** Each way once and a few twice: some 20 seconds on two cores, where a start of claude takes one. The whole run: SIGNALBOX_RUNS=100. */
const USUAL = 20;
const LANES = 2;
const TIMEOUT_MS = 900_000;
/** For those that stall: a start on a busy machine, and little more. */
const STALL_MS = 15_000;

async function prepare(box: Signalbox, plans: readonly Hostile[]): Promise<Map<string, Hostile>> {
  const tasks = new Map<string, Hostile>();
  for (const plan of plans) {
    const paths = plan.way === 'edits its test' ? ['src/**', 'checks/**'] : [`src/${plan.name}/**`];
    const task = await add(box, {
      title: `${plan.name}.`,
      locks: plan.way === 'edits its test' ? [] : paths.map((glob) => ({ glob, mode: 'exclusive' as const })),
      checks: [`sh ${checkOf(plan)}`],
      maxAttempts: 2,
      ...(plan.way === 'stalls' ? { timeoutMs: STALL_MS } : {}),
    });
    tasks.set(task.id, plan);
  }
  return tasks;
}

/** Kills the agents that wait for it, each when its model is asked and does not answer. */
async function killDying(box: Signalbox, agent: RealAgent, tasks: Map<string, Hostile>): Promise<void> {
  const dying = new Set([...tasks.values()].filter(({ way }) => way === 'dies').map(({ name }) => name));
  while (dying.size > 0) {
    let name = '';
    await agent.asked(({ fault, prompt = '' }) => {
      name = /^# (r\d+)\./m.exec(prompt)?.[1] ?? '';
      return fault === 'hang' && dying.has(name);
    });
    dying.delete(name);
    const held = (await box.tasks.held()).find(({ task }) => task.title === `${name}.`);
    for (const pid of findMarked(held?.attempt?.id ?? '')) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone with another of them
      }
    }
  }
}

async function work(box: Signalbox, ai: string): Promise<Task[]> {
  for (;;) {
    await executeAll(box.executor, { actor: USER, concurrency: LANES, onExecution: () => {} });
    const { tasks } = await box.tasks.list({ limit: 1_000 });
    const queued = tasks.filter(({ status }) => status === 'queued');
    if (queued.length === 0) return tasks;
    // Enough of them in a row have died for the breaker: a person says that the AI is well.
    await resumeAI(box.executor, USER, ai);
    const delayed = queued.find(({ notBefore }) => notBefore !== null);
    if (delayed) await executeTask(box.executor, { actor: USER, task: delayed.id });
  }
}

/** What it made is on a branch, whatever became of its attempt. */
function expectKept(project: Project, plan: Hostile, attempt: Attempt | undefined): void {
  const text = firstOf(plan);
  if (text === null) return;
  const commit = String(attempt?.data['commit'] ?? attempt?.data['landed']);
  expect([plan, project.git('show', `${commit}:${fileOf(plan)}`)]).toEqual([plan, text]);
  expect([plan, project.git('for-each-ref', '--contains', commit, 'refs/heads/signalbox')]).not.toEqual([plan, '']);
}

async function expectDone(
  box: Signalbox,
  project: Project,
  plan: Hostile,
  attempt: Attempt | undefined,
): Promise<void> {
  const commit = String(attempt?.data['landed']);
  expect(attempt).toMatchObject({ outcome: 'succeeded' });
  expect(project.git('show', `${commit}:${fileOf(plan)}`)).toBe(wantedIn(plan));
  expect(project.git('diff', '--name-only', 'main', commit, '--', 'checks')).toBe('');
  expect(project.git('show', `signalbox/integration:${fileOf(plan)}`)).toBe(wantedIn(plan));
  const receipt = await exportReceipt(box, attempt?.task ?? '');
  expect(await checkReceipt(receipt, parseVerifiers(project.read('.ai/ledger.pub')))).toMatchObject({ ok: true });
}

if (realClaude() === null) {
  console.log('The real claude program is not installed (npm run agents:install): its tests are left out.');
  describe('runs of the real claude that go wrong', () => {
    it('are not tested here', () => expect(realClaude()).toBeNull());
  });
} else {
  describe('runs of the real claude that go wrong', () => {
    it(
      'do no wrong and lose nothing',
      () =>
        withSeed((dice) => {
          const plans = planHostile(countRuns(USUAL), dice);
          const files = Object.fromEntries(
            plans.map((plan) => [checkOf(plan), `grep -qx ${wantedIn(plan)} ${fileOf(plan)}\n`]),
          );
          const scenario = { faults: faultsOf(plans), scripts: [] as { prompt: string; turns: never[] }[] };
          return withClaude(
            scenario,
            async (project, agent) => {
              for (const plan of plans) {
                const { first, then } = turnsOf(plan, project.root);
                const script = (prompt: string, turns: unknown) =>
                  scenario.scripts.push({ prompt, turns: turns as never[] });
                script(`# ${plan.name}\\..*The attempt before this one`, then);
                script(`# ${plan.name}\\.`, first);
              }
              const box = await project.open();
              await agent.register(box);
              const tasks = await prepare(box, plans);
              const before = ours(project);
              void killDying(box, agent, tasks);
              const ended = await work(box, agent.id);

              const told = ended.map(({ id, status }) => [tasks.get(id), status]);
              expect(told).toEqual(ended.map(({ id }) => [tasks.get(id), endOf(tasks.get(id) as Hostile)]));
              let runs = 0;
              const landed: string[] = [];
              for (const { id, status } of ended) {
                const plan = tasks.get(id) as Hostile;
                const attempts = await box.tasks.attempts(id);
                runs += attempts.length;
                expectKept(project, plan, attempts[0]);
                if (status !== 'done') continue;
                landed.push(fileOf(plan));
                await expectDone(box, project, plan, attempts.at(-1));
              }
              expect(runs).toBeGreaterThanOrEqual(countRuns(USUAL));
              const changed = project.git('diff', '--name-only', 'main', 'signalbox/integration');
              expect(changed.split('\n').sort()).toEqual(landed.sort());
              expect(ours(project)).toEqual(before);
              expect(await box.ledger.verify()).toMatchObject({ ok: true });
            },
            { files: { 'README.md': '# x\n', ...files } },
          );
        }),
      TIMEOUT_MS,
    );
  });
}

/** What no agent may touch. */
function ours(project: Project): unknown {
  return {
    status: project.git('status', '--porcelain', '--untracked-files=all'),
    head: project.git('rev-parse', 'HEAD', 'main'),
    policy: project.read('.ai/policy.yaml'),
    config: project.read('.ai/config.yaml'),
    gitConfig: readFileSync(join(project.root, '.git/config'), 'utf8'),
    evil: exists(join(project.root, 'src/evil.txt')) || exists(join(project.root, '.git/hooks/post-checkout')),
  };
}
