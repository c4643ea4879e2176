import type { Task } from '../../../src/index.js';

/** What anybody outside can know of a grant. */
export interface Grant {
  task: string;
  fence: number;
  lease: string;
}

export interface ModelTask {
  id: string;
  grants: number;
  /** The lease that nobody has ended yet. */
  holder: (Grant & { expiresAt: number; ttlMs: number; running: boolean }) | null;
  attempt: number;
}

/** What must hold whatever happens: who holds what, how often it was granted, and how many attempts that cost. */
export interface Model {
  tasks: ModelTask[];
  add(id: string): void;
  get(id: string): ModelTask;
  grant(task: Task, lease: string, at: { now: number; ttlMs: number; started: boolean }): Grant;
  /** The holder, if this is the current grant. */
  current(grant: Grant): ModelTask['holder'];
  start(id: string): void;
  end(id: string, spent: boolean): void;
  expire(now: number): void;
}

export function createModel(): Model {
  const tasks: ModelTask[] = [];
  const get = (id: string): ModelTask => {
    const found = tasks.find((task) => task.id === id);
    if (!found) throw new Error(`the model has no ${id}`);
    return found;
  };
  const model: Model = {
    tasks,
    add: (id) => void tasks.push({ id, grants: 0, holder: null, attempt: 0 }),
    get,
    grant({ id, lease: view }, lease, { now, ttlMs, started }) {
      const task = get(id);
      if (task.holder) throw new Error(`${id} was granted while ${task.holder.fence} holds it`);
      task.grants += 1;
      if (view?.fence !== task.grants)
        throw new Error(`${id} was granted with fence ${view?.fence}, not ${task.grants}`);
      const grant = { task: id, fence: task.grants, lease };
      task.holder = { ...grant, expiresAt: now + ttlMs, ttlMs, running: false };
      if (started) model.start(id);
      return grant;
    },
    current: ({ task, lease }) => {
      const holder = tasks.find(({ id }) => id === task)?.holder;
      return holder?.lease === lease ? holder : null;
    },
    start(id) {
      const task = get(id);
      if (task.holder) task.holder.running = true;
      task.attempt += 1;
    },
    end(id, spent) {
      const task = get(id);
      if (task.holder?.running && !spent) task.attempt -= 1;
      task.holder = null;
    },
    expire(now) {
      for (const { id, holder } of tasks) if (holder && holder.expiresAt <= now) model.end(id, true);
    },
  };
  return model;
}
