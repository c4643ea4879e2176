import type { Clock } from '@signalbox/kernel';
import type { Task } from '@signalbox/task-core';

/** The longest that a backoff lasts (see task-core's retry policy). What waits longer waits for something else, such as a quota. */
const LONGEST_BACKOFF_MS = 5 * 60_000;

/** The tasks of this run that are to be tried again after a pause. */
export interface DueRetries {
  note(task: Task): void;
  /** Resolves when the next of them is due; at once, with false, if there is none. Aborted: false. `say` hears which and when. */
  next(signal: AbortSignal, say: (task: string, at: number) => void): Promise<boolean>;
}

export function createDueRetries(clock: Clock): DueRetries {
  const due = new Map<string, number>();
  return {
    note({ id, status, notBefore }) {
      const at = notBefore === null ? null : Date.parse(notBefore);
      if (status === 'queued' && at !== null && at - clock.now() <= LONGEST_BACKOFF_MS) due.set(id, at);
      else due.delete(id);
    },
    async next(signal, say) {
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
      // Whatever comes of it, it is not waited for again unless it is tried and put off once more.
      due.delete(task);
      return !signal.aborted;
    },
  };
}
