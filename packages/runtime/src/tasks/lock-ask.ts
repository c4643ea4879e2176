import type { PathLock, Task } from '@signalbox/task-core';
import type { Actor } from '../actor.js';
import type { Ask } from '../door/door.js';
import { taskAsk } from '../executor/claim-task.js';
import { isNarrow } from './narrow-lock.js';

/** One more lock for a task. The lock itself is part of what is asked exactly: a person who says yes has to see which it is. */
export function lockAsk(actor: Actor, task: Task, lock: PathLock): Ask {
  const asked = taskAsk(actor, 'task.lock', { ...task, locks: [...task.locks, lock] });
  return {
    ...asked,
    exactly: { lock: { ...lock }, ...asked.exactly },
    resource: { ...asked.resource, narrow: isNarrow(lock.glob) },
  };
}
