import type { Clock } from '@signalbox/kernel';
import type { Task } from '@signalbox/task-core';

/** The longest that a backoff lasts (see task-core's retry policy). What waits longer waits for something else, such as a quota. */
const LONGEST_PAUSE_MS = 5 * 60_000;

/** What a run waits for: tasks that are to be tried again after a pause, and AIs that rest. */
export interface DueRetries {
  /** How an execution left its task. */
  note(task: Task): void;
  /** That a task can go on at this time, in milliseconds since the epoch: the AI that it needs is back then. */
  expect(task: string, at: number): void;
  /** Resolves when the next of them is due; at once, with false, if there is none. Aborted: false. `say` hears which and when. */
  next(signal: AbortSignal, say?: (task: string, at: number) => void): Promise<boolean>;
}

export function createDueRetries(clock: Clock): DueRetries {
  const due = new Map<string, number>();
  const put = (task: string, at: number): void => {
    if (at - clock.now() <= LONGEST_PAUSE_MS) due.set(task, at);
    else due.delete(task);
  };
  return {
    note({ id, status, notBefore }) {
      if (status === 'queued' && notBefore !== null) put(id, Date.parse(notBefore));
      else due.delete(id);
    },
    expect: put,
    async next(signal, say = () => {}) {
      const [task, at] = [...due].sort(([, one], [, other]) => one - other)[0] ?? [];
      if (task === undefined || at === undefined || signal.aborted) return false;
      say(task, at);
      await new Promise<void>((resolve) => {
        const end = (): void => {
          cancel();
          signal.removeEventListener('abort', end);
          resolve();
        };
        const cancel = clock.after(Math.max(0, at - clock.now()), end);
        signal.addEventListener('abort', end, { once: true });
      });
      if (signal.aborted) return false;
      // Whatever comes of it, it is not waited for again unless it is tried and put off once more.
      if (due.get(task) === at) due.delete(task);
      return true;
    },
  };
}
