import type { Task } from '../../../src/index.js';
import type { Model } from './model.js';
import { clash } from './paths.js';

/** Fails unless what can be seen agrees with the model and with itself. */
export function assertSound(tasks: readonly Task[], model: Model, counts: Record<string, number>): void {
  const must = (holds: boolean, what: string, task?: Task): void => {
    if (!holds) throw new Error(`${what}: ${JSON.stringify(task ?? tasks)}`);
  };
  must(
    tasks
      .map(({ id }) => id)
      .sort()
      .join() ===
      model.tasks
        .map(({ id }) => id)
        .sort()
        .join(),
    'a task is lost, or there is one too many',
  );
  must(Object.values(counts).reduce((sum, n) => sum + n, 0) === tasks.length, 'the counts do not add up');
  for (const task of tasks) {
    const { grants, holder, attempt } = model.get(task.id);
    const isHeld = task.status === 'claimed' || task.status === 'running';
    must(isHeld === (task.lease !== null), 'held and leased are not the same', task);
    must(isHeld === (holder !== null), `the model says ${holder ? 'held' : 'free'}`, task);
    must(!holder || holder.running === (task.status === 'running'), 'running and started are not the same', task);
    must((task.lease?.fence ?? grants) === grants, `it was granted ${grants} times`, task);
    must(
      !holder || Date.parse(String(task.lease?.expiresAt)) === holder.expiresAt,
      'the lease ends at another time',
      task,
    );
    must(task.attempt === attempt, `it should have spent ${attempt}`, task);
    must(task.attempt <= task.maxAttempts || isHeld === false, 'it has had too many attempts', task);
    must(
      (task.status === 'blocked') === task.blockedBy.length > 0,
      'blocked and having reasons are not the same',
      task,
    );
  }
  const held = tasks.filter(({ lease }) => lease !== null);
  held.forEach((one, index) => {
    for (const other of held.slice(index + 1)) {
      const both = one.locks.some((lock) => other.locks.some((another) => clash(lock, another)));
      must(!both, `${one.id} and ${other.id} hold paths in common`);
    }
  });
}
