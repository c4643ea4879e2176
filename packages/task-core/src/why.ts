import type { TaskStore } from './store.js';
import type { Block, Task, TaskStatus } from './task.js';

/**
 * One thing that keeps a task from running. `because` says what keeps the other task from ending, in turn: once for each
 * task, where it is named first.
 */
export type Obstacle =
  | { kind: 'ended'; status: TaskStatus }
  | { kind: 'held'; holder: string; until: string; status: TaskStatus }
  | { kind: 'delayed'; until: string }
  | { kind: 'dependency'; task: string; title: string; status: TaskStatus; because: Obstacle[] }
  | { kind: 'lock'; task: string; title: string; glob: string; status: TaskStatus; because: Obstacle[] }
  | Exclude<Block, { kind: 'dependency' | 'lock' }>
  /** It could be claimed now; `ahead` others come first. */
  | { kind: 'next'; ahead: number };

/** How far a chain of tasks that wait for each other is followed. */
const MAX_DEPTH = 8;
/** How many reasons of one task are followed further. */
const MAX_FOLLOWED = 20;
const MAX_AHEAD = 1_000;

/** What exactly keeps a task from running. Throws `NOT_FOUND`. */
export async function whyNot(store: TaskStore, task: Task, now: number): Promise<Obstacle[]> {
  if (task.status === 'queued' && !isDelayed(task, now))
    return [{ kind: 'next', ahead: await countAhead(store, task) }];
  return obstaclesOf({ store, now, told: new Set([task.id]) }, task, MAX_DEPTH);
}

interface Search {
  store: TaskStore;
  now: number;
  /** Whose reasons are given already: where many tasks need the same ones, there are more ways than anybody could follow. */
  told: Set<string>;
}

async function obstaclesOf(search: Search, task: Task, depth: number): Promise<Obstacle[]> {
  switch (task.status) {
    case 'done':
    case 'failed':
    case 'cancelled':
      return [{ kind: 'ended', status: task.status }];
    case 'claimed':
    case 'running':
      return task.lease
        ? [{ kind: 'held', holder: task.lease.holder, until: task.lease.expiresAt, status: task.status }]
        : [];
    case 'queued':
      return delayOf(task, search.now);
    case 'blocked': {
      const obstacles: Obstacle[] = [];
      for (const [index, block] of task.blockedBy.entries()) {
        obstacles.push(await follow(search, block, index < MAX_FOLLOWED ? depth : 0));
      }
      return [...obstacles, ...delayOf(task, search.now)];
    }
  }
}

async function follow(search: Search, block: Block, depth: number): Promise<Obstacle> {
  if (block.kind !== 'dependency' && block.kind !== 'lock') return block;
  const other = await search.store.get(block.task);
  const { title = '', status = 'queued' } = other ?? {};
  const goesOn = other !== null && depth > 0 && !search.told.has(block.task);
  if (goesOn) search.told.add(block.task);
  const because = goesOn ? await obstaclesOf(search, other, depth - 1) : [];
  const named = { task: block.task, title, status, because };
  return block.kind === 'lock' ? { kind: 'lock', ...named, glob: block.glob } : { kind: 'dependency', ...named };
}

function delayOf(task: Task, now: number): Obstacle[] {
  return isDelayed(task, now) ? [{ kind: 'delayed', until: String(task.notBefore) }] : [];
}

function isDelayed(task: Task, now: number): boolean {
  return task.notBefore !== null && Date.parse(task.notBefore) > now;
}

async function countAhead(store: TaskStore, task: Task): Promise<number> {
  const { tasks } = await store.list({ ready: true, limit: MAX_AHEAD });
  const place = tasks.findIndex(({ id }) => id === task.id);
  return place === -1 ? tasks.length : place;
}
