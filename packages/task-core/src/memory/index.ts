import type { JournalEntry } from '@signalbox/kernel';
import type { TaskStoreOptions } from '../engine/ports.js';
import { createTaskStore } from '../engine/task-store.js';
import type { TaskStore } from '../store.js';
import { createMemoryTables } from './memory-tables.js';
import { createMemoryWriter } from './memory-writer.js';

export interface MemoryTaskStoreEnv extends TaskStoreOptions {
  /** Is given what each operation records once it is done. If it throws, the operation is taken back. Default: nothing. */
  journal?: { append(entries: readonly JournalEntry[]): void };
}

const NOTHING = { prepare: () => null, commit: () => {} };

/** Opens an empty queue that is kept in memory and ends with the process: for tests and for what need not last. */
export function openMemoryTaskStore(env: MemoryTaskStoreEnv): TaskStore {
  const { tables, reads, log } = createMemoryTables();
  const writer = createMemoryWriter(log, env.journal ?? { append: () => {} }, NOTHING);
  return createTaskStore({ tables, reads, writer, journal: writer.sink }, env);
}
