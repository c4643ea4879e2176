import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { runBinary, startBinary } from './support/binary.js';
import { createBlobs } from './support/blobs.js';
import { type Project, withProject } from './support/project.js';

const KILLS = 8;

/** Runs a command again and again, each time killed at another moment, one in each of as many equal parts of its time. */
async function killAtMoments(
  project: Project,
  argv: (round: number) => string[],
  after: (round: number) => Promise<void>,
): Promise<void> {
  const began = performance.now();
  expect(await runBinary(project, argv(-1))).toMatchObject({ exitCode: 0 });
  const whole = performance.now() - began;
  for (let round = 0; round < KILLS; round++) {
    const ms = Math.round(((round + Math.random()) / KILLS) * whole);
    const started = startBinary(project, argv(round));
    await Promise.race([pause(ms), started.ended]);
    started.kill('SIGKILL');
    await started.ended;
    await after(round).catch((error: unknown) => {
      throw new Error(`Killed after ${ms} of ${Math.round(whole)} ms: ${String(error)}`, { cause: error });
    });
  }
}

describe('a backup that is killed with SIGKILL at any moment', () => {
  it('is whole or says that it was never finished, and the project is as it was', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('One');
      createBlobs(project, 60);
      const place = join(project.place, 'copies');
      mkdirSync(place);
      const folder = (round: number): string => join(place, String(round));
      await killAtMoments(
        project,
        (round) => ['backup', 'create', folder(round)],
        async (round) => {
          const verified = await project.run(['backup', 'verify', folder(round), '--json']);
          // Not there yet, half a backup, or a whole one.
          expect([3, 7, 0]).toContain(verified.exitCode);
          if (verified.exitCode === 7) expect(verified.stderr).toContain('never finished');
          expect(await project.ask('audit', 'verify')).toMatchObject({ ok: true });
          expect(await project.ask('task', 'show', id)).toMatchObject({ status: 'queued' });
        },
      );
    }));
});

describe('a restore that is killed with SIGKILL at any moment', () => {
  it('has changed nothing or everything, and the next command finds a state that can be used', () =>
    withProject({}, async (project) => {
      const one = await project.add('In the backup');
      createBlobs(project, 60);
      const { folder } = await project.ask<{ folder: string }>('backup', 'create', join(project.place, 'copy'));
      const restore = ['backup', 'restore', folder, '--yes'];
      await killAtMoments(
        project,
        () => restore,
        async () => {
          const listed = await runBinary(project, ['task', 'list', '--json']);
          expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
          const ids = (JSON.parse(listed.stdout).tasks as { id: string }[]).map(({ id }) => id);
          expect(ids).toContain(one.id);
          const verified = await project.run(['audit', 'verify', '--json']);
          const report = JSON.parse(verified.stdout);
          // The anchor comes last, outside of the state: without it, the report says what to do.
          if (!report.ok) expect(report.reason).toContain('signalbox audit checkpoint');
          await project.ask('audit', 'checkpoint');
          expect(await project.ask('audit', 'verify')).toMatchObject({ ok: true, completeness: 'proven' });
          await project.add('After it'); // what the next restore sets aside
        },
      );
      expect(await runBinary(project, restore)).toMatchObject({ exitCode: 0 });
      expect(readdirSync(join(project.root, '.ai')).filter((name) => /restoring|restored/.test(name))).toEqual([]);
      expect(await project.ask('audit', 'verify')).toMatchObject({ ok: true, completeness: 'proven' });
    }));
});
