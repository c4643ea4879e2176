import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '@signalbox/testkit';
import { type Execution, executeAll, executeTask, type Progress, registerAI, type Signalbox } from '../src/index.js';
import { add, execute, shellAI, USER, withProject } from './support/bench.js';

async function executeEverything(box: Signalbox, concurrency: number, on: (progress: Progress) => void = () => {}) {
  const executions: Execution[] = [];
  const summary = await executeAll(box.executor, {
    actor: USER,
    concurrency,
    progress: on,
    onExecution: (execution) => executions.push(execution),
  });
  return { summary, executions };
}

describe('executing everything', () => {
  it('with one lane works in order, retries included, until nothing is ready', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const log = join(project.place, 'log');
      await shellAI(
        box,
        `grep -m1 '^# ' "$SIGNALBOX_PROMPT_FILE" >> ${log}; echo fine; grep -q 'attempt before' "$SIGNALBOX_PROMPT_FILE"`,
      );
      await add(box, { title: 'one', type: 'review' });
      await add(box, { title: 'two', type: 'review', priority: 'urgent' });
      const { summary } = await executeEverything(box, 1);
      expect(summary).toEqual({ executed: 4, done: 2, failed: 0, blocked: 0 });
      expect(readFileSync(log, 'utf8').split('\n').filter(Boolean)).toEqual(['# two', '# two', '# one', '# one']);
    }));

  it('with more lanes than tasks ends when nothing is left', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      expect((await executeEverything(box, 3)).summary.executed).toBe(0);
      await shellAI(box, 'echo fine');
      await add(box, { type: 'review' });
      expect((await executeEverything(box, 3)).summary).toEqual({ executed: 1, done: 1, failed: 0, blocked: 0 });
    }));

  it('runs tasks side by side, but never two whose locks overlap', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const gate = join(project.place, 'gate');
      execFileSync('mkfifo', [gate]);
      // a1 ends only once b1 works as well.
      const wait = `case $title in a1) cat ${gate};; b1) echo here > ${gate};; esac`;
      const shell = `title=$(sed -n 's/^# //p;1q' "$SIGNALBOX_PROMPT_FILE"); echo x > src/$title.txt; ${wait}`;
      await registerAI(box.executor, USER, { id: 'sh', connector: 'command', maxConcurrent: 3, config: { shell } });
      for (const title of ['a1', 'a2', 'b1']) {
        await add(box, { title, locks: [{ glob: title.startsWith('a') ? 'src/a*' : 'src/b*' }], checks: ['true'] });
      }
      const titles = new Map((await box.tasks.list()).tasks.map((task) => [task.id, task.title]));
      const running = new Set<string>();
      const together: string[] = [];
      const { summary } = await executeEverything(box, 3, ({ task, step }) => {
        const title = titles.get(task) ?? '';
        if (step === 'agent') {
          running.add(title);
          together.push([...running].sort().join('+'));
        }
        if (step === 'landed') running.delete(title);
      });
      expect(summary).toMatchObject({ executed: 3, done: 3 });
      expect(together.filter((names) => names.includes('a1') && names.includes('a2'))).toEqual([]);
      expect(together.some((names) => names.includes('+b1'))).toBe(true);
      expect(project.git('ls-tree', '--name-only', 'signalbox/integration:src').split('\n')).toEqual([
        ...['a.txt', 'a1.txt', 'a2.txt', 'b1.txt'],
      ]);
    }));

  it('gives an AI no more at once than it takes, and the rest when it is free again', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo fine');
      for (const title of ['one', 'two', 'three']) await add(box, { title, type: 'review' });
      const { summary } = await executeEverything(box, 2);
      expect(summary).toMatchObject({ executed: 3, done: 3 });
    }));

  it(
    'leaves in the ledger what was done, and nothing of the waiting for an AI',
    () =>
      withProject({}, async (project) => {
        const box = await project.open();
        await shellAI(box, 'cat');
        let probes = 0;
        const command = await box.executor.connectors.find('command');
        if (!command) throw new Error('no connector');
        const counting = {
          ...command,
          probe: (...[context]: Parameters<typeof command.probe>) => {
            probes += 1;
            return command.probe(context);
          },
        };
        const executor = { ...box.executor, connectors: { ...box.executor.connectors, find: async () => counting } };
        for (let n = 0; n < 20; n++) await add(box, { run: { argv: ['true'] }, type: 'command' });
        const before = box.store.ledger.head().size;
        const { summary } = await executeEverything({ ...box, executor }, 4);
        expect(summary).toEqual({ executed: 20, done: 20, failed: 0, blocked: 0 });
        expect(box.store.ledger.head().size - before).toBeLessThanOrEqual(200);
        expect(box.ledger.read({ kind: 'task.claimed' })).toHaveLength(20);
        expect(probes).toBeLessThan(5);
      }),
    60_000,
  );

  it('takes of two queues the one whose AI is free, and says of the next alone why no AI can take it', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo fine');
      const odd = await add(box, { type: 'review', capabilities: ['telepathy'], priority: 'urgent' });
      const fitting = await add(box, { type: 'review' });
      expect((await executeTask(box.executor, { actor: USER })).task.id).toBe(fitting.id);
      const before = box.store.ledger.head().size;
      await expect(executeTask(box.executor, { actor: USER })).rejects.toMatchObject({
        code: 'NO_CANDIDATE',
        message: expect.stringContaining(odd.id),
        details: { task: odd.id, busy: false, passedOver: 1 },
      });
      expect(box.store.ledger.head().size).toBe(before);
    }));

  it('starts a task only when what it needs has landed', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'test ! -e first.txt || echo seen > second.txt; echo x > first.txt');
      const first = await add(box, { title: 'first', checks: ['true'] });
      const second = await add(box, { title: 'second', priority: 'urgent', needs: [first.id], checks: ['true'] });
      expect(second.status).toBe('blocked');
      const { executions } = await executeEverything(box, 2);
      expect(executions.map(({ task }) => task.title)).toEqual(['first', 'second']);
      expect(project.git('show', 'signalbox/integration:second.txt')).toBe('seen');
    }));

  it('leaves a task that no AI can take, and what waits for a person or a time', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo fine');
      const odd = await add(box, { type: 'review', capabilities: ['telepathy'], priority: 'urgent' });
      const later = await add(box, { type: 'review', notBefore: '2999-01-01T00:00:00Z' });
      const person = await add(box, { run: { shell: 'git push --force' } });
      await add(box, { type: 'review' });
      const { summary } = await executeEverything(box, 2);
      expect(summary).toEqual({
        ...{ executed: 2, done: 1, failed: 0, blocked: 1 },
        left: expect.stringContaining('it lacks telepathy'),
      });
      const states = await Promise.all([odd, later, person].map(async ({ id }) => (await box.tasks.get(id))?.status));
      expect(states).toEqual(['queued', 'queued', 'blocked']);
    }));

  it('stops every lane when one meets an error that is no fault of an attempt', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo fine', 'quick');
      await shellAI(box, 'echo started; exec sleep 600', 'slow');
      const slow = await add(box, { title: 'slow', type: 'review', ai: 'slow', priority: 'high' });
      const next = await add(box, { title: 'next', type: 'review', ai: 'slow', needs: [slow.id] });
      await add(box, { title: 'quick', type: 'review', ai: 'quick' });
      const failing = executeAll(box.executor, {
        actor: USER,
        concurrency: 3,
        onExecution: () => {
          throw new Error('the watcher broke');
        },
      });
      await expect(failing).rejects.toThrow('the watcher broke');
      expect(await box.tasks.get(slow.id)).toMatchObject({ status: 'queued', attempt: 0, lease: null });
      expect((await box.tasks.get(next.id))?.status).toBe('blocked');
    }));

  it('ends when it is told to, with the tasks given back', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo started; exec sleep 600');
      const task = await add(box, { type: 'review' });
      await add(box, { type: 'review' });
      const stop = new AbortController();
      const summary = await executeAll(box.executor, {
        actor: USER,
        concurrency: 1,
        signal: stop.signal,
        progress: ({ step }) => step === 'output' && stop.abort({ class: 'cancelled', message: 'Enough.' }),
        onExecution: () => {},
      });
      expect(summary).toEqual({ executed: 1, done: 0, failed: 0, blocked: 0 });
      expect(await box.tasks.get(task.id)).toMatchObject({ status: 'queued', attempt: 0 });
    }));
});

describe('executing everything, when something has to be tried again later', () => {
  it('waits for the pause after a crash, and then goes on', () =>
    withProject({}, async (project) => {
      const clock = createFakeClock();
      const box = await project.open({ clock });
      const flag = join(project.place, 'flag');
      await shellAI(box, `test -e ${flag} && echo fine || { touch ${flag}; kill -9 $$; }`);
      await add(box, { type: 'review' });
      const { summary, executions } = await executeEverything(box, 2, ({ step }) => {
        if (step === 'settled') setImmediate(() => setImmediate(() => void clock.advance(5 * 60_000)));
      });
      expect(executions.map(({ attempt }) => attempt.failure?.class ?? null)).toEqual(['crashed', null]);
      expect(summary).toEqual({ executed: 2, done: 1, failed: 0, blocked: 0 });
    }));

  it('waits for an AI that rests after failures of its own, and for a pause while another lane is busy', () =>
    withProject({}, async (project) => {
      const clock = createFakeClock();
      const box = await project.open({ clock });
      const count = join(project.place, 'count');
      await shellAI(box, `echo x >> ${count}; test $(wc -l < ${count}) -gt 3 && echo fine || kill -9 $$`);
      for (const title of ['one', 'two']) await add(box, { title, type: 'review', maxAttempts: 9 });
      const { summary } = await executeEverything(box, 2, ({ step }) => {
        if (step === 'settled' || step === 'waits')
          setImmediate(() => setImmediate(() => void clock.advance(5 * 60_000)));
      });
      expect(summary).toEqual({ executed: 5, done: 2, failed: 0, blocked: 0 });
    }));

  it('says why nothing was taken when no AI can take any of what is ready', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box, { type: 'review' });
      await expect(executeEverything(box, 2)).rejects.toMatchObject({ code: 'NO_CANDIDATE' });
    }));

  it('takes a task that policy obliges to nothing, behind one that it does', () =>
    withProject({}, async (project) => {
      const rule =
        '  - { id: dear, effect: allow, on: [task.execute], when: \'resource.labels.cost == "dear"\', obligations: [{ budget: 2 USD }] }\n';
      project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rule}`));
      project.trust();
      const box = await project.open();
      await shellAI(box, 'echo fine');
      await add(box, { title: 'dear', type: 'review', priority: 'urgent', labels: { cost: 'dear' } });
      const cheap = await add(box, { title: 'cheap', type: 'review' });
      const { executions, summary } = await executeEverything(box, 1);
      expect(executions.map(({ task }) => task.id)).toEqual([cheap.id]);
      expect(summary.left).toContain('does not tell what it costs');
    }));

  it('drains: finishes what runs and takes nothing new', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo fine');
      for (const title of ['one', 'two', 'three']) await add(box, { title, type: 'review' });
      const drain = new AbortController();
      const summary = await executeAll(box.executor, {
        actor: USER,
        concurrency: 1,
        drain: drain.signal,
        progress: ({ step }) => {
          if (step === 'agent') drain.abort();
        },
        onExecution() {},
      });
      expect(summary).toEqual({ executed: 1, done: 1, failed: 0, blocked: 0 });
      expect(await box.tasks.counts()).toMatchObject({ queued: 2, done: 1 });
    }));
});

describe('an AI whose last place is taken between the choice and the start', () => {
  it('does not get the task; it is given back, to be tried again when a place is free', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'true');
      const task = await add(box, { type: 'review' });
      // As another process would fill it: each start finds the AI busy, though each choice finds it free.
      let starts = 0;
      const tasks = {
        ...box.tasks,
        start: async (...[ref]: Parameters<typeof box.tasks.start>) => {
          starts += 1;
          return { status: 'busy' as const, task: (await box.tasks.get(ref.task)) ?? task, running: 1 };
        },
      };
      const env = { ...box.executor, store: { ...box.store, tasks } };
      await expect(execute({ ...box, executor: env }, task)).rejects.toMatchObject({
        code: 'NO_CANDIDATE',
        details: { task: task.id, busy: true },
      });
      expect(starts).toBe(3);
      expect(await box.tasks.get(task.id)).toMatchObject({ status: 'queued', attempt: 0 });
    }));
});
