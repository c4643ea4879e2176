import type { Attempt, Task, TaskStore } from '@signalbox/task-core';
import { RuntimeError } from '../errors.js';
import type { Git } from '../git/git.js';

/** The commit by which a task's work came onto the integration branch, newest first, or null. */
export async function landedCommit(tasks: TaskStore, task: string): Promise<string | null> {
  const commits = (await tasks.attempts(task)).map((attempt) => textOf(attempt, 'landed'));
  return commits.findLast((commit) => commit !== null) ?? null;
}

/** The work of a task as `git am` takes it: of the attempt that landed, else of the newest that made a commit. Throws `NOTHING_TO_LAND`. */
export async function patchOf(env: { tasks: TaskStore }, git: Git, task: Task): Promise<string> {
  const attempts = await env.tasks.attempts(task.id);
  const attempt =
    attempts.findLast((each) => textOf(each, 'landed') !== null) ??
    attempts.findLast((each) => textOf(each, 'commit') !== null);
  const commit = attempt && textOf(attempt, 'commit');
  if (!commit) {
    throw new RuntimeError({
      code: 'NOTHING_TO_LAND',
      message: `No attempt at ${task.id} has left a commit.`,
      hint: `See what there is with \`signalbox task show ${task.id}\`.`,
    });
  }
  return `${await git.run(['format-patch', '-1', '--stdout', '--no-signature', commit])}\n`;
}

function textOf(attempt: Attempt, field: 'landed' | 'commit'): string | null {
  const value = attempt.data[field];
  return typeof value === 'string' ? value : null;
}
