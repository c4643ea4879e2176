import { join } from 'node:path';
import { createIds } from '@signalbox/kernel';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { createFakeClock, createTempDir } from '@signalbox/testkit';
import { openFileTaskStore, openMemoryTaskStore, openSqliteTaskStore } from '../../../src/index.js';
import type { Opened } from './world.js';

/** A clock and ids that are the same in every run. */
function surroundings() {
  const clock = createFakeClock();
  return { clock, ids: createIds(clock, () => new Uint8Array(5)) };
}

const journal = { append: () => {} };

export function openMemoryWorld(): Opened {
  const env = surroundings();
  const store = openMemoryTaskStore(env);
  return { store, clock: env.clock, reopen: async () => store, close: () => {} };
}

export function openSqliteWorld(): Opened {
  const env = surroundings();
  const db = openSqlite(':memory:');
  const open = () => openSqliteTaskStore(db, { ...env, journal });
  return { store: open(), clock: env.clock, reopen: async () => open(), close: () => db.close() };
}

export async function openFileWorld(): Promise<Opened> {
  const env = surroundings();
  const dir = createTempDir();
  const open = () => openFileTaskStore(join(dir.path, 'tasks.journal'), { ...env, compactAt: 8_000 });
  let store = await open();
  return {
    store,
    clock: env.clock,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async close() {
      await store.close();
      dir.remove();
    },
  };
}
