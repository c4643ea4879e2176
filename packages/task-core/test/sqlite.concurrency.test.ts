import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createIds } from '@signalbox/kernel';
import { openSqlite, type SqlDatabase } from '@signalbox/kernel/sqlite';
import { createFakeClock, createTempDir, type FakeClock, type TempDir } from '@signalbox/testkit';
import { openSqliteTaskStore, type TaskStore } from '../src/index.js';
import { parseTaskSpec } from '../src/task-spec.js';
import { createTableJournal } from './support/open-test-store.js';

// These are built programs, as users run them: the worker imports `dist`.
const WORKER = fileURLToPath(new URL('./support/claim-worker.mjs', import.meta.url));
const TTL = 60_000;

interface Drained {
  id: string;
  fence: number;
  status: string;
}

interface Worker {
  child: ChildProcess;
  tell(command: 'drain' | 'hold'): void;
  /** The next thing that it says. */
  hear<T>(): Promise<T>;
}

let dir: TempDir;
let clock: FakeClock;
let db: SqlDatabase;
let journal: ReturnType<typeof createTableJournal>;
let store: TaskStore;
let workers: Worker[];

beforeEach(() => {
  dir = createTempDir();
  clock = createFakeClock();
  db = openSqlite(join(dir.path, 'store.db'));
  journal = createTableJournal(db);
  store = openSqliteTaskStore(db, { clock, ids: createIds(clock), journal });
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map(({ child }) => kill(child)));
  db.close();
  dir.remove();
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function startWorker(): Promise<Worker> {
  const child = spawn(process.execPath, [WORKER, db.file, String(clock.now())], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const worker: Worker = {
    child,
    tell: (command) => void child.stdin.write(`${command}\n`),
    hear: async <T>() => {
      const { value, done } = await lines.next();
      if (done) throw new Error('the worker ended without a word');
      return JSON.parse(String(value)) as T;
    },
  };
  workers.push(worker);
  expect(await worker.hear()).toBe('ready');
  return worker;
}

async function addTasks(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const { task } = await store.create(parseTaskSpec({ title: `task ${i}` }), 'system', () => []);
    ids.push(task.id);
  }
  return ids;
}

async function drain(...draining: Worker[]): Promise<Drained[]> {
  for (const worker of draining) worker.tell('drain');
  const reports = await Promise.all(draining.map((worker) => worker.hear<{ drained: Drained[] }>()));
  return reports.flatMap(({ drained }) => drained);
}

describe('several processes on one store', () => {
  it('takes every task exactly once', async () => {
    const ids = await addTasks(60);
    const drained = await drain(...(await Promise.all([startWorker(), startWorker(), startWorker()])));
    expect(drained.map(({ id }) => id).sort()).toEqual(ids);
    expect(new Set(drained.map(({ fence, status }) => `${fence} ${status}`))).toEqual(new Set(['1 settled']));
    expect(await store.counts()).toMatchObject({ done: 60, queued: 0, claimed: 0, running: 0 });
    const claims = journal.entries().filter(({ kind }) => kind === 'claimed');
    expect(claims.map(({ subject }) => subject).sort()).toEqual(ids);
  }, 60_000);

  it('gives the task of a killed process back when its lease has run out, and not before', async () => {
    const ids = await addTasks(20);
    const [victim, ...others] = await Promise.all([startWorker(), startWorker(), startWorker()]);
    if (!victim) throw new Error('no worker');
    victim.tell('hold');
    const { held } = await victim.hear<{ held: string }>();
    await kill(victim.child);

    const drained = await drain(...others);
    expect(drained.map(({ id }) => id).sort()).toEqual(ids.filter((id) => id !== held));
    expect(await store.get(held)).toMatchObject({ status: 'running', attempt: 1 });
    expect(await store.reap(() => [])).toEqual([]);

    await clock.advance(TTL);
    expect(await store.reap(() => [])).toMatchObject([{ id: held, status: 'queued', attempt: 1, lease: null }]);
    expect(await drain(await startWorker())).toEqual([{ id: held, fence: 2, status: 'settled' }]);
    expect((await store.attempts(held)).map(({ outcome }) => outcome)).toEqual(['lost', 'succeeded']);
  }, 60_000);
});
