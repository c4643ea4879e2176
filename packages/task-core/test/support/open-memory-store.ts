import { createIds, type JournalEntry } from '@signalbox/kernel';
import { createFakeClock, type FakeClock } from '@signalbox/testkit';
import type { StoreUnderTest } from '../../src/conformance/index.js';
import { openMemoryTaskStore } from '../../src/index.js';

export function openMemoryStore(): StoreUnderTest & { clock: FakeClock } {
  const clock = createFakeClock();
  const entries: JournalEntry[] = [];
  const journal = { append: (more: readonly JournalEntry[]) => void entries.push(...more), entries: () => entries };
  return { store: openMemoryTaskStore({ clock, ids: createIds(clock), journal }), clock, journal, close: () => {} };
}
