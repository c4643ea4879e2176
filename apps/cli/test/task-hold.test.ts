import { describe, expect, it } from '@jest/globals';
import type { Task } from '@signalbox/runtime/project';
import { type Project, withProject } from './support/project.js';

interface Claimed {
  task: Task;
  lease: { id: string; fence: number; holder: string; expiresAt: string };
}

const claim = (project: Project, ...argv: string[]): Promise<Claimed> => project.ask('task', 'claim', ...argv);

/** How a command was refused: its exit code, and what it tells a script. */
async function refusal(project: Project, ...argv: string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await project.run([...argv, '--json']);
  expect(stdout).toBe('');
  return { exitCode, ...JSON.parse(stderr).error };
}

/** Runs a command as the holder of a lease, which the environment carries. */
async function holding(project: Project, lease: string, ...argv: string[]): Promise<{ exitCode: number; task: Task }> {
  const environment = { ...project.environment, SIGNALBOX_LEASE: lease };
  const { exitCode, stdout, stderr } = await project.run([...argv, '--json'], { environment });
  if (stdout === '') throw new Error(stderr);
  return { exitCode, task: JSON.parse(stdout) };
}

describe('a task that is claimed by hand', () => {
  it('is claimed by somebody with a name', () =>
    withProject({}, async (project) => {
      await project.add('By hand');
      for (const name of ['', ' ', 'x'.repeat(101)]) {
        expect(await refusal(project, 'task', 'claim', '--as', name)).toMatchObject({ exitCode: 2, code: 'USAGE' });
      }
      expect((await project.ask<{ tasks: Task[] }>('task', 'list')).tasks).toMatchObject([{ status: 'queued' }]);
    }));

  it('goes from claim over start and heartbeat to done, with the lease in the environment', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('By hand', '--check', 'test -e src/a.txt');
      const { task, lease } = await claim(project, '--as', 'ana', '--ttl', '10m');
      expect(task).toMatchObject({ id, status: 'claimed', lease: { holder: 'ana', fence: 1 } });
      expect(JSON.stringify(task)).not.toContain(lease.id);
      expect(lease).toEqual({
        id: expect.stringMatching(/^lse_/),
        fence: 1,
        holder: 'ana',
        expiresAt: expect.any(String),
      });
      expect((await holding(project, lease.id, 'task', 'start', id)).task).toMatchObject({
        status: 'running',
        attempt: 1,
      });
      const beaten = (await holding(project, lease.id, 'task', 'heartbeat', id)).task;
      expect(Date.parse(beaten.lease?.expiresAt ?? '')).toBeGreaterThanOrEqual(Date.parse(lease.expiresAt));
      expect(await holding(project, lease.id, 'task', 'complete', id)).toMatchObject({
        exitCode: 0,
        task: { status: 'done', lease: null },
      });
      const { evidence } = await project.ask<{ evidence: unknown[] }>('evidence', 'show', id);
      expect(evidence).toMatchObject([{ kind: 'command', grade: 'verified', summary: { exitCode: 0 } }]);
      expect((await project.run(['task', 'show', id])).stdout).toMatch(
        /attempt 1 by hand \(att_\w+\), started \S+,\s+succeeded/,
      );
    }));

  it('tells a person how to go on', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('By hand');
      const { stdout } = await project.run(['task', 'claim', id, '--as', 'ana']);
      expect(stdout).toMatch(
        /held by ana until .* \(fence 1\)\n\nLease (lse_\w+), until .*\n {2}export SIGNALBOX_LEASE=\1\n$/,
      );
    }));

  it('is kept when its checks fail, so that the holder can mend it', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('By hand', '--check', 'test -e made.txt');
      const { lease } = await claim(project, id, '--as', 'ana');
      await project.ask('task', 'start', id, '--lease', lease.id);
      expect(await refusal(project, 'task', 'complete', id, '--lease', lease.id)).toMatchObject({
        exitCode: 8,
        code: 'CHECKS_FAILED',
        hint: 'You still hold the task: mend it and complete it again.',
      });
      project.write('made.txt', 'x\n');
      expect(await project.ask('task', 'complete', id, '--lease', lease.id)).toMatchObject({ status: 'done' });
    }));

  it('may be completed on a person’s word, which the evidence then shows as claimed', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('By hand', '--check', 'false');
      const { lease } = await claim(project, id, '--as', 'ana');
      await project.ask('task', 'start', id, '--lease', lease.id);
      const done = await project.ask('task', 'complete', id, '--lease', lease.id, '--no-verify');
      expect(done).toMatchObject({ status: 'done' });
      const { evidence } = await project.ask<{ evidence: unknown[] }>('evidence', 'show', id);
      expect(evidence).toMatchObject([{ grade: 'claimed' }]);
      expect((await project.run(['evidence', 'show', id])).stdout).toMatch(/command +not run → exit - \(claimed, /);
    }));

  it('goes back to the queue when it is released', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('By hand');
      const { lease } = await claim(project, id, '--as', 'ana');
      const released = await project.ask('task', 'release', id, '--lease', lease.id);
      expect(released).toMatchObject({ status: 'queued', attempt: 0, lease: null });
    }));

  it('is tried again after a failure until its attempts are used up, and afresh after a requeue', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('By hand', '--max-attempts', '2');
      for (const status of ['queued', 'failed']) {
        const { lease } = await claim(project, id, '--as', 'ana');
        await project.ask('task', 'start', id, '--lease', lease.id);
        const failed = await project.ask('task', 'fail', id, '--lease', lease.id, '--reason', 'no idea');
        expect(failed).toMatchObject({ status, failure: { class: 'agent_error', message: 'no idea' } });
      }
      const { stdout } = await project.run(['task', 'show', id]);
      expect(stdout).toContain('last failure (agent_error): no idea');
      expect(stdout).toContain('failed: agent_error: no idea');
      expect(await refusal(project, 'task', 'claim', id, '--as', 'ana')).toMatchObject({
        exitCode: 4,
        code: 'FINISHED',
      });
      expect(await project.ask('task', 'requeue', id)).toMatchObject({ status: 'queued', attempt: 0 });
      expect((await project.run(['task', 'requeue', id])).exitCode).toBe(0);
    }));

  it('takes a failure class, and no other word', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('By hand');
      const { lease } = await claim(project, id, '--as', 'ana');
      await project.ask('task', 'start', id, '--lease', lease.id);
      const wrong = await refusal(project, 'task', 'fail', id, '--lease', lease.id, '--class', 'bored');
      expect(wrong).toMatchObject({ exitCode: 2, code: 'USAGE', hint: expect.stringContaining('checks_failed') });
      const failed = await project.ask('task', 'fail', id, '--lease', lease.id, '--class', 'transient');
      expect(failed).toMatchObject({ status: 'queued', failure: { message: 'The holder gave no reason.' } });
      expect(await refusal(project, 'task', 'claim', id, '--as', 'ben')).toMatchObject({
        exitCode: 4,
        code: 'DELAYED',
      });
    }));
});

describe('a claim that is refused', () => {
  it('says that nothing is ready', () =>
    withProject({}, async (project) => {
      expect(await refusal(project, 'task', 'claim', '--as', 'ana')).toMatchObject({
        exitCode: 3,
        code: 'NOTHING_READY',
      });
    }));

  it('says who has the task already', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('One');
      await claim(project, id, '--as', 'ana');
      expect(await refusal(project, 'task', 'claim', id, '--as', 'ben')).toMatchObject({
        exitCode: 4,
        code: 'ALREADY_CLAIMED',
        message: expect.stringContaining('ana'),
        details: { lease: { holder: 'ana' } },
      });
    }));

  it('says which task holds which paths', () =>
    withProject({}, async (project) => {
      const first = await project.add('One', '--lock', 'src/**');
      const second = await project.add('Two', '--lock', 'src/a.txt');
      await claim(project, first.id, '--as', 'ana');
      expect(await refusal(project, 'task', 'claim', second.id, '--as', 'ben')).toMatchObject({
        exitCode: 4,
        code: 'LOCKED',
        details: { conflicts: [{ task: first.id, glob: 'src/**', wanted: 'src/a.txt' }] },
      });
    }));

  it('says what the task waits for', () =>
    withProject({}, async (project) => {
      const first = await project.add('One');
      const second = await project.add('Two', '--need', first.id);
      expect(await refusal(project, 'task', 'claim', second.id, '--as', 'ben')).toMatchObject({
        exitCode: 4,
        code: 'BLOCKED',
        details: { blockedBy: [{ kind: 'dependency', task: first.id }] },
      });
    }));

  it('waits with --wait until there is something, or until it is interrupted', () =>
    withProject({}, async (project) => {
      const stopped = { signal: AbortSignal.abort() };
      const interrupted = await project.run(['task', 'claim', '--as', 'ana', '--wait', '--json'], stopped);
      expect(interrupted).toMatchObject({ exitCode: 130, stdout: '' });
      expect(JSON.parse(interrupted.stderr).error).toMatchObject({ code: 'INTERRUPTED', hint: 'Nothing was claimed.' });
      const waiting = claim(project, '--as', 'ana', '--wait');
      const { id } = await project.add('At last');
      expect(await waiting).toMatchObject({ task: { id }, lease: { holder: 'ana' } });
      expect(await refusal(project, 'task', 'claim', 'tsk_none', '--as', 'ana', '--wait')).toMatchObject({
        exitCode: 3,
      });
    }));

  it('does not take a lease that is shorter than a second', () =>
    withProject({}, async (project) => {
      await project.add('One');
      expect(await refusal(project, 'task', 'claim', '--as', 'ana', '--ttl', '500ms')).toMatchObject({
        exitCode: 2,
        code: 'INVALID_TTL',
      });
    }));
});

describe('a lease', () => {
  it.each(['start', 'heartbeat', 'release', 'complete', 'fail'])('is needed to %s', (verb) =>
    withProject({}, async (project) => {
      const { id } = await project.add('One');
      expect(await refusal(project, 'task', verb, id)).toMatchObject({
        exitCode: 2,
        code: 'USAGE',
        message: 'A lease is missing.',
      });
    }),
  );

  it('that was broken changes nothing any more', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('One');
      const { lease } = await claim(project, id, '--as', 'ana');
      expect(await project.ask('task', 'requeue', id)).toMatchObject({ status: 'queued' });
      const second = await claim(project, id, '--as', 'ben');
      expect(second.lease.fence).toBe(2);
      for (const verb of ['start', 'heartbeat', 'release', 'complete', 'fail']) {
        expect(await refusal(project, 'task', verb, id, '--lease', lease.id)).toMatchObject({
          exitCode: 4,
          code: 'LEASE_LOST',
          details: { status: 'claimed', holder: 'ben' },
        });
      }
      expect(await project.ask('task', 'show', id)).toMatchObject({ status: 'claimed', lease: { holder: 'ben' } });
      const { entries } = await project.ask<{ entries: unknown[] }>('audit', 'log', '--kind', 'task.fenced');
      expect(entries).toHaveLength(5);
    }));
});
