import type { JournalEntry } from '@signalbox/kernel';
import type { EntrySink, Writer } from '../engine/ports.js';
import type { ChangeLog, RowChange } from './change-log.js';

/** Makes lasting what a turn has changed. Any of it that throws takes back what it was given, and is what the callers get. */
export interface Commit<Part> {
  /** Gets one job's changes ready, before it counts as done: a throw fails that job alone. */
  prepare(changes: readonly RowChange[], entries: readonly JournalEntry[]): Part;
  /** Writes the jobs of one turn, together. */
  commit(parts: readonly Part[]): void;
}

interface Job {
  work(): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

type Answer = { value: unknown } | { error: unknown };

export interface MemoryWriter extends Writer {
  /** Where the jobs record: it is handed on when a job is done, and dropped when it fails. */
  sink: EntrySink;
  /** Resolves when everything that has been asked for is done. */
  idle(): Promise<void>;
}

/** Runs what is asked for within one turn of the event loop together, each job with a rollback of its own, as one commit. */
export function createMemoryWriter<Part>(
  log: ChangeLog,
  journal: EntrySink,
  { prepare, commit }: Commit<Part>,
): MemoryWriter {
  let queue: Job[] = [];
  let entries: JournalEntry[] = [];

  const runOne = (job: Job, parts: Part[]): Answer => {
    const mark = log.mark();
    entries = [];
    try {
      const value = job.work();
      const part = prepare(log.since(mark), entries);
      if (entries.length > 0) journal.append(entries);
      parts.push(part);
      return { value };
    } catch (error) {
      log.rollback(mark);
      return { error };
    }
  };

  const flush = (): void => {
    const jobs = queue;
    queue = [];
    const parts: Part[] = [];
    let answers = jobs.map((job) => runOne(job, parts));
    try {
      commit(parts);
    } catch (error) {
      log.rollback(0);
      answers = answers.map((answer) => ('error' in answer ? answer : { error }));
    }
    log.clear();
    jobs.forEach((job, index) => {
      const answer = answers[index] as Answer;
      if ('error' in answer) job.reject(answer.error);
      else job.resolve(answer.value);
    });
  };

  const writer: MemoryWriter = {
    sink: { append: (recorded) => void entries.push(...recorded) },
    run: <T>(work: () => T) =>
      new Promise<T>((resolve, reject) => {
        queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
        if (queue.length === 1) setImmediate(flush);
      }),
    idle: async () => {
      while (queue.length > 0) await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return writer;
}
