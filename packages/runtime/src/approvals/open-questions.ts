import type { Approval } from '@signalbox/policy/records';
import type { Task } from '@signalbox/task-core';
import type { ProjectStore } from '../project/open-store.js';

type Questions = { records: Pick<ProjectStore['records'], 'approvals'>; tasks: Pick<ProjectStore['tasks'], 'get'> };

/** What persons have still to answer, newest first: not what was asked for a task that has ended. */
export async function openQuestions(
  store: Questions,
  { task, limit = Infinity }: { task?: string; limit?: number } = {},
): Promise<Approval[]> {
  const waiting = await store.records.approvals.list({ waiting: true, ...(task === undefined ? {} : { task }) });
  const ended = new Map<string | null, boolean>();
  const open: Approval[] = [];
  for (const approval of waiting) {
    if (open.length >= limit) break;
    const known = ended.get(approval.task) ?? (await endedTaskOf(store, approval)) !== null;
    ended.set(approval.task, known);
    if (!known) open.push(approval);
  }
  return open;
}

const ENDED: ReadonlySet<Task['status']> = new Set<Task['status']>(['done', 'failed', 'cancelled']);

/** The task that a question was asked for, if it has ended; else null. A failed one that is retried asks again. */
export async function endedTaskOf({ tasks }: Pick<Questions, 'tasks'>, { task: id }: Approval): Promise<Task | null> {
  const task = id === null ? null : await tasks.get(id);
  return task && ENDED.has(task.status) ? task : null;
}
