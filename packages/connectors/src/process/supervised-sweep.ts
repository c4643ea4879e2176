import { setImmediate as turn } from 'node:timers/promises';
import type { SupervisorClient } from './supervisor-client.js';
import { sweep } from './sweep.js';

/**
 * Sweeps by the supervisor, since reading the environments of all processes takes milliseconds in which this process would do
 * nothing else: 1 for 70 processes, more for more (measured, Linux). By this process while there is no supervisor.
 */
export function createSupervisedSweep(supervisor: SupervisorClient): (attempt: string) => Promise<void> {
  const pending = new Map<string, () => void>();
  const settle = (attempt: string): void => {
    const resolve = pending.get(attempt);
    if (!resolve) return;
    pending.delete(attempt);
    supervisor.release();
    resolve();
  };
  supervisor.listen({
    answer(answer) {
      if (answer.type === 'swept') settle(answer.attempt);
    },
    lost() {
      for (const attempt of [...pending.keys()]) void sweep(attempt).then(() => settle(attempt));
    },
  });
  return async (attempt) => {
    await turn(); // whoever waits for the exit goes on first: the write may give the processor to the supervisor
    if (!supervisor.ready()) {
      await sweep(attempt);
      return;
    }
    supervisor.hold();
    const swept = new Promise<void>((resolve) => pending.set(attempt, resolve));
    supervisor.send(`sweep ${attempt}`);
    await swept;
  };
}
