import { type SqlDatabase, transact } from '@signalbox/kernel/sqlite';
import type { Writer } from '../engine/ports.js';

/** Bounds how long one transaction keeps other processes out. */
const MAX_JOBS = 128;

interface Job {
  work(): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

type Answer = { value: unknown } | { error: unknown };

/**
 * Runs what is asked for within one turn of the event loop as one transaction. Under full durability a commit waits for the
 * disk (0.1 to 5 ms) and the work in it does not, so that 32 callers at once cost little more than one.
 */
export function createGroupWriter(db: SqlDatabase): Writer {
  const queue: Job[] = [];

  const flush = (): void => {
    const jobs = queue.splice(0, MAX_JOBS);
    if (queue.length > 0) setImmediate(flush);
    try {
      const answers = transact(db, () =>
        jobs.length === 1 ? jobs.map(runAlone) : jobs.map((job) => runAmong(db, job)),
      );
      jobs.forEach((job, index) => {
        const answer = answers[index] as Answer;
        if ('error' in answer) job.reject(answer.error);
        else job.resolve(answer.value);
      });
    } catch (error) {
      for (const job of jobs) job.reject(error);
    }
  };

  return {
    run: <T>(work: () => T) =>
      new Promise<T>((resolve, reject) => {
        queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
        if (queue.length === 1) setImmediate(flush);
      }),
  };
}

const runAlone = (job: Job): Answer => ({ value: job.work() });

/** A savepoint for each, so that one that throws takes back its own changes and nobody else's. */
function runAmong(db: SqlDatabase, job: Job): Answer {
  db.prepare('SAVEPOINT job').run();
  try {
    const value = job.work();
    db.prepare('RELEASE job').run();
    return { value };
  } catch (error) {
    db.exec('ROLLBACK TO job; RELEASE job');
    return { error };
  }
}
