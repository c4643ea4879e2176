import type { JournalEntry } from '@signalbox/kernel';
import type { TaskStore } from '../store.js';

/** One new, empty store with its surroundings. */
export interface StoreUnderTest {
  store: TaskStore;
  /** The clock that the store was opened with. It moves only when told. */
  clock: { now(): number; advance(ms: number): unknown };
  /** What the store has committed to the journal that it was opened with, oldest first. */
  journal: { entries(): readonly JournalEntry[] };
  close(): void | Promise<void>;
}

/** Opens a new, empty store. Called once for every test. */
export type OpenStore = () => StoreUnderTest | Promise<StoreUnderTest>;

/** The two functions that every test runner has. */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
}
