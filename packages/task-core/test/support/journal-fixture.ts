import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { canonicalJson, createIds } from '@signalbox/kernel';
import { createFakeClock, createTempDir, type FakeClock } from '@signalbox/testkit';
import {
  type FileTaskStore,
  type FileTaskStoreEnv,
  openFileTaskStore,
  type Task,
  type TaskStore,
} from '../../src/index.js';
import { parseTaskSpec, type TaskSpecInput } from '../../src/task-spec.js';

export const none = () => [];
export const note = (kind: string) => () => [{ kind, actor: 'user:ana', subject: 'queue', data: {} }];

export interface JournalFixture {
  path: string;
  clock: FakeClock;
  open(env?: Partial<FileTaskStoreEnv>, path?: string): Promise<FileTaskStore>;
  /** A place in a folder of its own, with a copy of the journal as it is now: without the lock. */
  copy(): string;
  remove(): Promise<void>;
}

export function createJournalFixture(): JournalFixture {
  const dir = createTempDir();
  const clock = createFakeClock();
  const ids = createIds(clock);
  const opened: FileTaskStore[] = [];
  let copies = 0;
  const path = join(dir.path, 'tasks.journal');
  return {
    ...{ path, clock },
    async open(env = {}, at = path) {
      const store = await openFileTaskStore(at, { clock, ids, ...env });
      opened.push(store);
      return store;
    },
    copy() {
      copies += 1;
      const folder = join(dir.path, `copy-${copies}`);
      mkdirSync(folder);
      copyFileSync(path, join(folder, basename(path)));
      return join(folder, basename(path));
    },
    async remove() {
      for (const store of opened) await store.close().catch(() => {});
      dir.remove();
    },
  };
}

export async function add(store: TaskStore, fields: Partial<TaskSpecInput> = {}): Promise<Task> {
  return (await store.create(parseTaskSpec({ title: 'A task', ...fields }), 'user:ana', note('created'))).task;
}

/** Everything that can be seen, as text. */
export async function look(store: TaskStore): Promise<string> {
  const { tasks } = await store.list({ sort: 'created', limit: 1_000 });
  const attempts = await Promise.all(tasks.map(({ id }) => store.attempts(id)));
  // A file gives the members of an object back in another order.
  return canonicalJson([tasks, attempts, await store.held(), await store.counts()]);
}

/** Some of everything that a queue can have in it, one change after the other. */
export function livelySteps(store: TaskStore): (() => Promise<unknown>)[] {
  const held: { task: string; lease: string }[] = [];
  const ids: string[] = [];
  const create =
    (fields: Partial<TaskSpecInput> = {}) =>
    async () =>
      void ids.push((await add(store, fields)).id);
  const claim = async () => {
    const claimed = await store.claim({ holder: 'user:ana', ttlMs: 60_000 }, note('claimed'));
    if (claimed.status === 'claimed') held.push({ task: claimed.task.id, lease: claimed.lease.id });
  };
  const first = () => held[0] as { task: string; lease: string };
  return [
    create({ title: 'Größe 🚂', description: 'x'.repeat(80) }),
    create({ locks: [{ glob: 'a/**' }], idempotencyKey: 'k' }),
    create({ locks: [{ glob: '**/b' }], labels: { __proto__x: '1' } }),
    claim,
    claim,
    claim,
    () => store.start(first(), { id: 'att_1', ai: 'codex', data: { n: 1 } }, note('started')),
    () => store.heartbeat(first(), none, 90_000),
    async () => void (await create({ needs: [ids[0] as string] })()),
    () => store.update(ids[3] as string, { addNeeds: [ids[1] as string], title: 'new' }, note('updated')),
    () =>
      store.settle(first(), { kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'look' }] }, {}, note('blocked')),
    () => store.unblock(ids[0] as string, () => true, note('unblocked')),
    () => store.cancel(ids[2] as string, note('cancelled')),
  ];
}
