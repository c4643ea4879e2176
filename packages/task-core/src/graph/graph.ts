import type { TaskStore } from '../store.js';
import type { Task } from '../task.js';

/** Tasks with what they need of each other. Every edge leads from a need to its dependent. */
export interface TaskGraph {
  tasks: Pick<Task, 'id' | 'title' | 'status'>[];
  edges: { need: string; task: string }[];
}

/** All tasks of the store, or with `root` those that it is connected with: what it needs, and what needs it. */
export async function readGraph(store: TaskStore, root?: string): Promise<TaskGraph> {
  const tasks = root === undefined ? await readAll(store) : await readAround(store, root);
  const known = new Set(tasks.map(({ id }) => id));
  return {
    tasks: tasks.map(({ id, title, status }) => ({ id, title, status })),
    edges: tasks.flatMap(({ id, needs }) =>
      needs.filter((need) => known.has(need)).map((need) => ({ need, task: id })),
    ),
  };
}

/** Every task, in the order of creation. */
export async function readAll(store: TaskStore): Promise<Task[]> {
  const tasks: Task[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<TaskStore['list']>> = await store.list({
      sort: 'created',
      limit: 1_000,
      ...(cursor === null ? {} : { cursor }),
    });
    tasks.push(...page.tasks);
    cursor = page.next;
  } while (cursor !== null);
  return tasks;
}

async function readAround(store: TaskStore, root: string): Promise<Task[]> {
  const found = new Map<string, Task>();
  const collect = async (from: string, next: (task: Task) => Promise<readonly string[]>): Promise<void> => {
    const seen = new Set([from]);
    for (const id of seen) {
      const task = found.get(id) ?? (await store.get(id));
      if (!task) continue;
      found.set(id, task);
      for (const other of await next(task)) seen.add(other);
    }
  };
  await collect(root, async (task) => task.needs);
  await collect(root, (task) => store.dependents(task.id));
  return [...found.values()];
}
