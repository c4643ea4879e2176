import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createIds, systemClock } from '@signalbox/kernel';
import { createTempDir, type TempDir } from '@signalbox/testkit';
import { type FileTaskStore, openFileTaskStore } from '../src/index.js';
import { parseTaskSpec } from '../src/task-spec.js';
import { createWorkers, type Workers } from './support/workers.js';

const none = () => [];

let dir: TempDir;
let path: string;
let workers: Workers;

beforeEach(() => {
  dir = createTempDir();
  path = join(dir.path, 'tasks.journal');
  workers = createWorkers();
});
afterEach(async () => {
  await workers.killAll();
  dir.remove();
});

const open = (aheadMs = 0): Promise<FileTaskStore> => {
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  return openFileTaskStore(path, { clock, ids: createIds(clock) });
};

async function addTasks(count: number): Promise<void> {
  const store = await open();
  const spec = parseTaskSpec({ title: 'a task' });
  await store.enqueueMany(
    Array.from({ length: count }, () => ({ spec })),
    'system',
    none,
  );
  await store.close();
}

describe('several processes on one file store', () => {
  it('open it in turn, and lose and double nothing', async () => {
    await addTasks(60);
    const team = await Promise.all(Array.from({ length: 4 }, () => workers.start('file', path)));
    const reports = await Promise.all(team.map((worker) => worker.ask<{ done: number }>('visit', 5)));
    expect(reports.map(({ done }) => done)).toEqual([15, 15, 15, 15]);
    const store = await open();
    expect(await store.counts()).toMatchObject({ done: 60, queued: 0, running: 0 });
    const { tasks } = await store.list({ limit: 1_000 });
    expect(tasks.every(({ attempt }) => attempt === 1)).toBe(true);
    await store.close();
  }, 60_000);

  it('go on with what one had confirmed that was killed while it had the file open', async () => {
    await addTasks(5);
    const victim = await workers.start('file', path);
    await victim.ask('open');
    expect(await victim.ask('work', 2)).toEqual({ done: 2 });
    const { task } = await victim.ask<{ task: string }>('hold');
    await expect(open()).rejects.toMatchObject({ code: 'STORE_LOCKED', details: { pid: victim.child.pid } });

    // Those who wait while it dies race for what it leaves.
    const others = await Promise.all(Array.from({ length: 3 }, () => workers.start('file', path, 5_000)));
    const visits = others.map((worker) => worker.ask<{ done: number }>('visit', 1));
    await victim.kill();
    const done = (await Promise.all(visits)).reduce((sum, report) => sum + report.done, 0);
    expect(done).toBe(3);
    const store = await open();
    expect((await store.attempts(task)).map(({ outcome }) => outcome)).toEqual(['lost', 'succeeded']);
    expect(await store.counts()).toMatchObject({ done: 5 });
    await store.close();
    expect(existsSync(`${path}.lock`)).toBe(false);
  }, 60_000);
});
