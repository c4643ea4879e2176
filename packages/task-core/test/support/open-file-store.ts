import { join } from 'node:path';
import { createIds, type JournalEntry } from '@signalbox/kernel';
import { createFakeClock, createTempDir, type FakeClock } from '@signalbox/testkit';
import type { StoreUnderTest } from '../../src/conformance/index.js';
import { openFileTaskStore } from '../../src/index.js';

export async function openFileStore(): Promise<StoreUnderTest & { clock: FakeClock }> {
  const dir = createTempDir();
  const clock = createFakeClock();
  const entries: JournalEntry[] = [];
  const journal = { append: (more: readonly JournalEntry[]) => void entries.push(...more), entries: () => entries };
  const store = await openFileTaskStore(join(dir.path, 'tasks.journal'), { clock, ids: createIds(clock), journal });
  const close = async () => {
    await store.close();
    dir.remove();
  };
  return { store, clock, journal, close };
}
