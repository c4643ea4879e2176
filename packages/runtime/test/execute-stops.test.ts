import { execFileSync } from 'node:child_process';
import { mkdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findMarked } from '@signalbox/connectors';
import { createFakeClock } from '@signalbox/testkit';
import { mustGet } from '../src/index.js';
import { recordRequeue } from '../src/tasks/entries.js';
import { add, execute, exists, kinds, landForeign, shellAI, withProject } from './support/bench.js';

const CANCELLED = { class: 'cancelled', message: 'Enough.' } as const;

describe('what an earlier attempt left', () => {
  it('never moves a branch of the user, whatever the agent has checked out', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'git symbolic-ref HEAD refs/heads/main; echo mine > src/b.txt; exit 1');
      const main = project.git('rev-parse', 'main');
      const task = await add(box, { checks: ['true'] });
      await execute(box, task);
      await execute(box, task);
      expect(project.git('rev-parse', 'main')).toBe(main);
      expect(project.git('show', `signalbox/${task.id}/1:src/b.txt`)).toBe('mine');
    }));

  it('cannot write into the next attempt: its processes are ended first', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const late = `${project.place}/late`;
      const script = `if [ -e ${late} ]; then echo good > src/b.txt; else touch ${late}; while :; do echo bad > src/b.txt; done; fi`;
      await shellAI(box, script);
      const task = await add(box, { checks: ['grep -rq good src'] });
      const started = new Promise<void>((resolve) => {
        const watcher = watch(project.place, (_, name) => {
          if (name !== 'late') return;
          watcher.close();
          resolve();
        });
      });
      const first = execute(box, task).then(
        () => null,
        (error: unknown) => error,
      );
      await started;
      await box.tasks.requeue(task.id, recordRequeue('user:ana'));
      const second = await execute(box, task);
      expect(second.task.status).toBe('done');
      expect(project.git('show', 'signalbox/integration:src/b.txt')).toBe('good');
      // It finds its lease gone, and perhaps its folder.
      expect([null, 'LEASE_LOST']).toContain(((await first) as { code?: string } | null)?.code ?? null);
      expect((await mustGet(box, task.id)).status).toBe('done');
    }));
});

describe('set-up', () => {
  const config = (...lines: string[]) =>
    `version: 1\nbase: main\nworkspace:\n  setup:\n${lines.map((line) => `    - ${JSON.stringify(line)}\n`).join('')}`;

  it('runs before the agent, and what it leaves is not part of the change', () =>
    withProject({}, async (project) => {
      project.write('.ai/config.yaml', config('echo installed > deps.txt', 'echo more >> README.md'));
      project.trust();
      const box = await project.open();
      await shellAI(box, 'cat deps.txt > src/b.txt');
      const { task, steps, evidence } = await execute(box, await add(box, { checks: ['test -e deps.txt'] }));
      expect(task.status).toBe('done');
      expect(steps.map((step) => step.step)).toEqual([
        ...['claimed', 'routed', 'workspace', 'setup', 'setup', 'agent', 'check', 'setup', 'setup', 'landed'],
      ]);
      // Once for the agent, once for the checks, which run where the agent has not been.
      expect(evidence.filter((item) => item.summary['purpose'] === 'setup')).toHaveLength(4);
      expect(project.git('show', '--name-only', '--format=', 'signalbox/integration')).toBe('src/b.txt');
      expect(project.git('show', 'signalbox/integration:src/b.txt')).toBe('installed');
    }));

  it('that fails ends the attempt before the agent begins, to be tried again later', () =>
    withProject({}, async (project) => {
      project.write('.ai/config.yaml', config('echo no network >&2; exit 5', `touch ${project.place}/second`));
      project.trust();
      const box = await project.open();
      await shellAI(box, `touch ${project.place}/agent`);
      const { task } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task).toMatchObject({ status: 'queued', attempt: 1, failure: { class: 'crashed' } });
      expect(task.failure?.message).toContain('failed (exit 5).\nno network');
      expect(task.notBefore).not.toBeNull();
      for (const name of ['second', 'agent']) expect(exists(join(project.place, name))).toBe(false);
    }));

  it('that policy denies blocks the task', () =>
    withProject({}, async (project) => {
      project.write('.ai/config.yaml', config('rm -rf /'));
      project.trust();
      const box = await project.open();
      await shellAI(box, 'true');
      const { task } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'human' }] });
    }));

  it('does not happen while nobody has agreed to the file, nor in place', () =>
    withProject({}, async (project) => {
      project.write('.ai/config.yaml', config(`touch ${project.place}/ran`));
      const box = await project.open();
      expect(box.config).toMatchObject({ trusted: false, workspace: { setup: [] } });
      await shellAI(box, 'echo x > b.txt');
      expect((await execute(box, await add(box, { checks: ['true'] }))).task.status).toBe('done');
      project.trust();
      const trusted = await project.open();
      const inPlace = await execute(trusted, await add(trusted, { checks: ['true'] }), { workspace: 'in-place' });
      expect(inPlace.task.status).toBe('done');
      expect(exists(join(project.place, 'ran'))).toBe(false);
    }));
});

describe('stopping', () => {
  it.each([
    ['the agent works', 'agent', 'echo started; exec sleep 600', 'true'],
    ['a check runs', 'check', 'echo x > b.txt; echo started', 'exec sleep 600'],
  ])(
    'gives the task back without an attempt spent, and leaves nothing running, while %s',
    (_when, step, shell, check) =>
      withProject({}, async (project) => {
        const box = await project.open();
        await shellAI(box, shell);
        const stop = new AbortController();
        const task = await add(box, { checks: [check] });
        const { task: after, attempt } = await execute(box, task, {
          signal: stop.signal,
          on: (progress) => {
            const isTime = step === 'agent' ? progress.step === 'output' : progress.step === 'check';
            // the check is started right after it is announced
            if (isTime) setImmediate(() => stop.abort(CANCELLED));
          },
        });
        expect(attempt.failure).toEqual(CANCELLED);
        expect(after).toMatchObject({ status: 'queued', attempt: 0, lease: null });
        expect(findMarked(attempt.id)).toEqual([]);
        expect(project.git('rev-parse', 'signalbox/integration')).toBe(project.git('rev-parse', 'main'));
      }),
  );

  it('while set-up runs ends the attempt there', () =>
    withProject({}, async (project) => {
      project.write('.ai/config.yaml', 'version: 1\nbase: main\nworkspace: { setup: [exec sleep 600] }\n');
      project.trust();
      const box = await project.open();
      await shellAI(box, 'true');
      const stop = new AbortController();
      const { task, steps } = await execute(box, await add(box), {
        signal: stop.signal,
        on: ({ step }) => step === 'setup' && void setImmediate(() => stop.abort(CANCELLED)),
      });
      expect(task).toMatchObject({ status: 'queued', attempt: 0, failure: null });
      expect(steps.map((step) => step.step)).not.toContain('agent');
    }));

  it('lands nothing when it comes while the merged work is checked, whatever the check says', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo mine > b.txt');
      const stop = new AbortController();
      // The first check takes the signal as a success, as a program with a handler of its own may.
      const stubborn = `test ! -e other.txt || { trap "exit 0" INT TERM; touch ${project.place}/checking; sleep 600 & wait; }`;
      const watcher = watch(project.place, (_event, name) => {
        if (name === 'checking') stop.abort(CANCELLED);
      });
      const task = await add(box, { checks: [stubborn, 'test ! -e other.txt'] });
      let foreign = '';
      const { task: after, attempt } = await execute(box, task, {
        signal: stop.signal,
        on: ({ step }) => {
          if (step === 'agent') foreign = landForeign(project, box, 'other.txt', 'other\n');
        },
      });
      watcher.close();
      expect(after).toMatchObject({ status: 'queued', attempt: 0 });
      expect(attempt.failure).toEqual(CANCELLED);
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(foreign);
    }));
});

describe('a lease that is broken while the agent works', () => {
  it('lets nothing land, though the work is right', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo x > b.txt');
      const task = await add(box, { checks: ['true'] });
      const {
        task: after,
        attempt,
        verdict,
      } = await execute(box, task, {
        on: ({ step }) => step === 'agent' && void box.tasks.requeue(task.id, recordRequeue('user:ana')),
      });
      expect(verdict?.pass).toBe(false);
      expect(attempt.outcome).not.toBe('succeeded');
      expect(after).toMatchObject({ status: 'queued', lease: null });
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(project.git('rev-parse', 'main'));
      expect(kinds(box, `task/${task.id}`)).toContain('task.fenced');
      expect(kinds(box, `task/${task.id}`)).not.toContain('landing.intended');
    }));

  it('is noticed by the next heartbeat, which ends the agent', () => {
    const clock = createFakeClock();
    return withProject({}, async (project) => {
      const box = await project.open({ clock });
      await shellAI(box, 'echo started; exec sleep 600');
      const task = await add(box, { checks: ['true'] });
      const { task: after, attempt } = await execute(box, task, {
        on: ({ step }) => {
          if (step !== 'output') return;
          void box.tasks
            .requeue(task.id, recordRequeue('user:ana'))
            .then(() => clock.advance(30_000))
            .then(() => clock.advance(10_000));
        },
      });
      expect(after.status).toBe('queued');
      expect(findMarked(attempt.id)).toEqual([]);
      expect((await mustGet(box, task.id)).lease).toBeNull();
    });
  });

  it('does not happen to an attempt that goes on, however long it takes', () => {
    const clock = createFakeClock();
    return withProject({}, async (project) => {
      const box = await project.open({ clock });
      const gate = join(project.place, 'gate');
      execFileSync('mkfifo', [gate]);
      await shellAI(box, `echo x > b.txt; echo started; cat ${gate}`);
      const task = await add(box, { checks: ['true'] });
      const { task: after } = await execute(box, task, {
        on: ({ step }) => {
          if (step === 'output') void clock.advance(400_000).then(() => writeFileSync(gate, ''));
        },
      });
      expect(after).toMatchObject({ status: 'done', attempt: 1 });
    });
  });
});

describe('what goes wrong around an attempt', () => {
  it('gives the task back as it was, and tells', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'true');
      mkdirSync(box.store.paths.cache, { recursive: true });
      writeFileSync(box.store.paths.scratch, 'a file is in the way');
      const task = await add(box);
      await expect(execute(box, task)).rejects.toThrow();
      expect(await box.tasks.get(task.id)).toMatchObject({ status: 'queued', attempt: 0, lease: null });
      const last = box.ledger.read({ subject: `task/${task.id}` }).at(-1);
      expect(last).toMatchObject({ kind: 'task.requeued', actor: 'system', data: { because: expect.any(String) } });
    }));
});
