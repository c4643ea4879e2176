import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bootId, findMarked } from '@signalbox/connectors';
import type { Signalbox } from '../src/index.js';
import { add, execute, exists, kinds, shellAI, withProject, worktreeOf } from './support/bench.js';
import { killAtMove, killExecutor } from './support/kill.js';

const nothing = () => [];

describe('an executor that is killed', () => {
  it('in the middle of the agent costs no attempt; the agent is ended, the task given back, its folder made afresh', () =>
    withProject({}, async (project) => {
      const gate = join(project.place, 'gate');
      const first = await project.open();
      await shellAI(
        first,
        `test ! -e ${gate} || { echo x > b.txt; exit 0; }; echo part > part.txt; echo started; exec sleep 600`,
      );
      const task = await add(first, { checks: ['true'] });
      await killExecutor(project, task, (step) => step === 'output');
      const held = (await first.tasks.held())[0];
      expect(held).toMatchObject({ task: { id: task.id, status: 'running' } });

      const box = await project.open();
      expect(findMarked(held?.attempt?.id ?? '')).toEqual([]);
      expect(await box.tasks.get(task.id)).toMatchObject({ status: 'queued', attempt: 0, lease: null });
      const last = box.ledger.read({ subject: `task/${task.id}` }).at(-1);
      expect(last).toMatchObject({ kind: 'task.requeued', actor: 'system', data: { recovered: true } });

      writeFileSync(gate, '');
      const { task: after } = await execute(box, task);
      expect(after).toMatchObject({ status: 'done', attempt: 1 });
      expect(project.git('show', '--name-only', '--format=', 'signalbox/integration')).toBe('b.txt');
      expect(project.git('show', `signalbox/${task.id}/1:part.txt`)).toBe('part');
      expect(exists(worktreeOf(box, task))).toBe(false);
    }));

  it('when its agent had changed how git works here, leaves the task for a person to look at', () =>
    withProject({}, async (project) => {
      const first = await project.open();
      await shellAI(first, 'git config filter.x.smudge false; echo started; exec sleep 600');
      const task = await add(first, { checks: ['true'] });
      await killExecutor(project, task, (step) => step === 'output');
      const box = await project.open();
      expect(await box.tasks.get(task.id)).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'human' }] });
      const block = (await box.tasks.get(task.id))?.blockedBy[0];
      expect(JSON.stringify(block)).toContain('config');
    }));

  it('while a check runs costs no attempt either', () =>
    withProject({}, async (project) => {
      const first = await project.open();
      await shellAI(first, 'echo x > b.txt');
      const task = await add(first, { checks: [`test -e ${project.place}/gate || exec sleep 600`] });
      await killExecutor(project, task, (step) => step === 'check');
      const attempt = (await first.tasks.attempts(task.id))[0]?.id ?? '';
      const box = await project.open();
      expect(findMarked(attempt)).toEqual([]);
      expect(await box.tasks.get(task.id)).toMatchObject({ status: 'queued', attempt: 0 });
      writeFileSync(join(project.place, 'gate'), '');
      expect((await execute(box, task)).task.status).toBe('done');
    }));

  it('after the branch was moved has done its work', () =>
    withProject({}, async (project) => {
      const first = await project.open();
      await shellAI(first, 'echo x > b.txt');
      const task = await add(first, { checks: ['true'] });
      killAtMove(project, 'after');
      await killExecutor(project, task, () => false);
      expect((await first.tasks.get(task.id))?.status).toBe('running');
      const box = await project.open();
      expect(await box.tasks.get(task.id)).toMatchObject({ status: 'done', attempt: 1, lease: null });
      const [attempt] = await box.tasks.attempts(task.id);
      expect(attempt).toMatchObject({
        outcome: 'succeeded',
        data: { landed: project.git('rev-parse', 'signalbox/integration') },
      });
      expect(project.git('show', 'signalbox/integration:b.txt')).toBe('x');
      const recorded = kinds(box, `task/${task.id}`);
      expect(recorded.slice(recorded.indexOf('landing.intended'))).toEqual([
        'landing.intended',
        'landing.landed',
        'task.completed',
      ]);
    }));

  it('before the branch was moved has done nothing, and the next attempt lands', () =>
    withProject({}, async (project) => {
      const first = await project.open();
      await shellAI(first, 'echo x > b.txt');
      const task = await add(first, { checks: ['true'] });
      killAtMove(project, 'instead');
      await killExecutor(project, task, () => false);
      const box = await project.open();
      expect(await box.tasks.get(task.id)).toMatchObject({ status: 'queued', attempt: 0, lease: null });
      expect(kinds(box, `task/${task.id}`).slice(-2)).toEqual(['landing.intended', 'task.requeued']);
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(project.git('rev-parse', 'main'));
      expect((await execute(box, task)).task).toMatchObject({ status: 'done', attempt: 1 });
    }));
});

describe('whoever opens a project', () => {
  /** A claim as an executor with this identity makes it. */
  async function claimAs(box: Signalbox, executor: { host: string; boot: string; pid: number; startTime: string }) {
    const task = await add(box);
    const claim = { task: task.id, holder: 'executor:test', ttlMs: 120_000, executor };
    const outcome = await box.tasks.claim(claim, nothing);
    if (outcome.status !== 'claimed') throw new Error(outcome.status);
    return task;
  }
  const dead = async (): Promise<number> => {
    const child = spawn('true');
    await once(child, 'exit');
    return child.pid ?? 0;
  };

  it('gives back what a dead executor of this machine claimed, started or not', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const pid = await dead();
      const gone = await claimAs(box, { host: hostname(), boot: bootId(), pid, startTime: '1' });
      const before = await claimAs(box, { host: hostname(), boot: 'another boot', pid: process.pid, startTime: '1' });
      const again = await project.open();
      for (const { id } of [gone, before]) {
        expect(await again.tasks.get(id)).toMatchObject({ status: 'queued', attempt: 0 });
      }
    }));

  it('leaves alone what a living executor, one on another machine, or a person holds', () =>
    withProject({ leaves: ['lease'] }, async (project) => {
      const box = await project.open();
      const mine = await claimAs(box, box.executor.identity);
      const elsewhere = await claimAs(box, { host: 'elsewhere', boot: 'x', pid: 1, startTime: '1' });
      const byHand = await add(box);
      await box.tasks.claim({ task: byHand.id, holder: 'ana', ttlMs: 120_000 }, nothing);
      const again = await project.open();
      for (const { id } of [mine, elsewhere, byHand]) {
        expect((await again.tasks.get(id))?.status).toBe('claimed');
      }
    }));

  it('is told what is wrong with the project, and leaves nothing open', () =>
    withProject({ init: false }, async (project) => {
      await expect(project.open()).rejects.toMatchObject({ code: 'NO_PROJECT' });
      project.write('.ai/config.yaml', 'version: 1\nbase: main\n');
      project.write('.ai/state/.gitignore', '*\n');
      project.write('.ai/state/signalbox.db', 'this is no database, and long enough to tell'.repeat(50));
      await expect(project.open()).rejects.toMatchObject({ message: expect.stringMatching(/database/) });
      expect(readFileSync(join(project.root, '.ai/state/signalbox.db'), 'utf8')).toContain('no database');
    }));
});
