import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Clock, createIds, type JournalEntry, systemClock } from '@signalbox/kernel';
import { openSqlite, type SqlDatabase } from '@signalbox/kernel/sqlite';
import { createTempDir, type TempDir } from '@signalbox/testkit';
import { openSqliteTaskStore, type TaskStore } from '../src/index.js';
import { parseTaskSpec } from '../src/task-spec.js';
import { createTableJournal } from './support/open-test-store.js';
import { createWorkers, type Worker, type Workers } from './support/workers.js';

const HOUR = 3_600_000;
const none = () => [];

let dir: TempDir;
let db: SqlDatabase;
let journal: ReturnType<typeof createTableJournal>;
let store: TaskStore;
let workers: Workers;
/** By how much the clock of this process is ahead. */
let ahead: number;

beforeEach(() => {
  dir = createTempDir();
  ahead = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };
  db = openSqlite(join(dir.path, 'store.db'));
  journal = createTableJournal(db);
  store = openSqliteTaskStore(db, { clock, ids: createIds(clock), journal });
  workers = createWorkers();
});
afterEach(async () => {
  await workers.killAll();
  db.close();
  dir.remove();
});

const start = (offset = 0): Promise<Worker> => workers.start('sqlite', db.file, offset);

async function addTasks(count: number): Promise<string[]> {
  const spec = (n: number) =>
    parseTaskSpec({ title: `task ${n}`, maxAttempts: 100, ...(n % 5 ? {} : { locks: [{ glob: `part${n % 3}/**` }] }) });
  const drafts = Array.from({ length: count }, (_, n) => ({ spec: spec(n) }));
  return (await store.enqueueMany(drafts, 'system', none)).map(({ task }) => task.id);
}

const entriesOf = (kind: string): JournalEntry[] => journal.entries().filter((entry) => entry.kind === kind);

/** Every task was granted with the fences 1, 2, 3 … and done once, under the last of them. */
function assertDoneOnce(ids: readonly string[]): void {
  const done = entriesOf('done');
  expect(done.map(({ subject }) => subject).sort()).toEqual([...ids].sort());
  const fences = new Map<string, number[]>();
  for (const { subject, data } of entriesOf('claimed')) {
    fences.set(subject, [...(fences.get(subject) ?? []), data['fence'] as number]);
  }
  for (const { subject, data } of done) {
    const granted = fences.get(subject) ?? [];
    expect(granted).toEqual(granted.map((_, index) => index + 1));
    expect(data['fence']).toBe(granted.length);
  }
}

describe('eight processes on one SQLite file', () => {
  it('do every task exactly once for ten seconds, although some are killed at any moment', async () => {
    const ids = await addTasks(400);
    const team = await Promise.all(Array.from({ length: 8 }, () => start()));
    for (const worker of team) worker.tell('keepOn');
    const end = systemClock.monotonic() + 10_000;
    let killed = 0;
    while (systemClock.monotonic() < end) {
      const victim = killed % team.length;
      await team[victim]?.kill();
      killed += 1;
      const [replacement] = await Promise.all([start(), feed(ids)]);
      team[victim] = replacement;
      replacement.tell('keepOn');
    }
    for (const worker of team) worker.tell('stop');
    await Promise.all(team.map((worker) => worker.hear()));
    // What the killed ones held is given back when its time is over, and the rest is done by one alone.
    ahead = 10_000;
    const last = await start(ahead);
    await last.ask('work');
    expect(await store.counts()).toMatchObject({ done: ids.length, queued: 0, claimed: 0, running: 0, blocked: 0 });
    assertDoneOnce(ids);
    expect(killed).toBeGreaterThan(5);
    expect(entriesOf('claimed').length).toBeGreaterThan(ids.length);
  }, 120_000);

  /** Sees to it that there is something to do all the time. */
  async function feed(ids: string[]): Promise<void> {
    if ((await store.counts()).queued < 400) ids.push(...(await addTasks(400)));
  }
});

describe('a holder that is a process of its own', () => {
  it('loses its task when it is stopped for longer than its lease, and its settlement has no effect', async () => {
    const [id] = await addTasks(1);
    const worker = await start();
    expect(await worker.ask('hold')).toEqual({ task: id, fence: 1 });
    worker.child.kill('SIGSTOP');
    ahead = 2_000;
    const claim = await store.claim({ holder: 'user:ana', ttlMs: HOUR }, none);
    expect(claim).toMatchObject({ status: 'claimed', task: { id }, lease: { fence: 2 } });
    const before = await store.get(String(id));
    worker.child.kill('SIGCONT');
    expect(await worker.ask('settle')).toEqual({ status: 'lease_lost' });
    expect(await worker.ask('beat')).toEqual({ status: 'lease_lost' });
    expect(await store.get(String(id))).toEqual(before);
    expect(entriesOf('done')).toEqual([]);
  });

  it('keeps its task when it is stopped but nobody takes it', async () => {
    const [id] = await addTasks(1);
    const worker = await start();
    await worker.ask('hold');
    worker.child.kill('SIGSTOP');
    worker.child.kill('SIGCONT');
    expect(await worker.ask('beat')).toEqual({ status: 'renewed' });
    expect(await worker.ask('settle')).toEqual({ status: 'settled' });
    assertDoneOnce([String(id)]);
  });

  it('leaves its task to others when it is killed, once its lease has run out and not before', async () => {
    const [id] = (await addTasks(1)) as [string];
    const worker = await start();
    await worker.ask('hold');
    await worker.kill();
    ahead = -500;
    expect(await store.reap(none)).toEqual([]);
    expect(await store.get(id)).toMatchObject({ status: 'running', attempt: 1 });
    ahead = 2_000;
    expect(await store.reap(none)).toMatchObject([{ id, status: 'queued', attempt: 1, lease: null }]);
    const other = await start(ahead);
    expect(await other.ask('work')).toEqual({ done: 1 });
    expect((await store.attempts(id)).map(({ outcome }) => outcome)).toEqual(['lost', 'succeeded']);
  });

  it('loses its task to one whose clock has jumped ahead, and is fenced off', async () => {
    const [id] = (await addTasks(1)) as [string];
    const [worker, other] = [await start(), await start(HOUR)];
    await worker.ask('hold');
    expect(await other.ask('hold')).toEqual({ task: id, fence: 2 });
    expect(await worker.ask('settle')).toEqual({ status: 'lease_lost' });
    expect(await other.ask('settle')).toEqual({ status: 'settled' });
    assertDoneOnce([id]);
  });

  it('neither takes nor prolongs what others hold when its own clock has jumped back', async () => {
    const ids = (await addTasks(2)) as [string, string];
    const [worker, late] = [await start(), await start(-HOUR)];
    const held = await worker.ask<{ task: string }>('hold');
    const before = await store.get(held.task);
    const other = await late.ask<{ task: string }>('hold');
    expect([held.task, other.task].sort()).toEqual([...ids].sort());
    expect(await late.ask('beat')).toEqual({ status: 'renewed' });
    expect(await store.get(held.task)).toEqual(before);
    // By every other clock its own lease ran out an hour ago.
    expect(await store.reap(none)).toMatchObject([{ id: other.task, status: 'queued' }]);
    expect(await late.ask('settle')).toEqual({ status: 'lease_lost' });
    expect(await worker.ask('settle')).toEqual({ status: 'settled' });
    expect(await worker.ask('work')).toEqual({ done: 1 });
    assertDoneOnce(ids);
  });
});
