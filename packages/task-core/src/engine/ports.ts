import type { Clock, Ids, JournalEntry, Recorder } from '@signalbox/kernel';
import type { RetryPolicy } from '../retry.js';
import type { FanOutOutcome, HeldTask, TaskFilter, TaskPage } from '../store.js';
import type { Attempt, Task, TaskStatus } from '../task.js';

/** Runs changes in transactions. Those that are asked for at the same time share one: its cost is that of one commit. */
export interface Writer {
  /** `work` is synchronous. If it throws, nothing of it is kept, and the others of its transaction are not touched. */
  run<T>(work: () => T): Promise<T>;
}

/** Where a page of attempts ended. */
export interface EndedAt {
  time: number;
  id: string;
}

/** What only reads, outside of any transaction. */
export interface Reads {
  get(id: string): Task | null;
  /** Up to two ids that begin with `prefix`. */
  idsWithPrefix(prefix: string): string[];
  list(filter: TaskFilter): TaskPage;
  counts(): Record<TaskStatus, number>;
  dependents(id: string): string[];
  held(): HeldTask[];
  attempts(task: string): Attempt[];
  attemptsOf(ai: string, limit: number): Attempt[];
  /** Ended in this time, in the order of their ends and ids, after the one that is named. */
  endedAttempts(from: number, to: number, limit: number, after: EndedAt | null): Attempt[];
}

export interface TaskStoreOptions {
  clock: Clock;
  ids: Ids;
  /** What follows from a failure. Default: `DEFAULT_RETRY_POLICY`. */
  retryPolicy?: RetryPolicy;
  /** Records who was told in a later transaction than the one that ended what they waited for. Default: nothing. */
  recordFanOut?: Recorder<FanOutOutcome>;
}

/** Where what the operations record goes, in the same transaction. */
export interface EntrySink {
  append(entries: readonly JournalEntry[]): void;
}
