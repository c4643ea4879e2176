import type { Task } from '@signalbox/task-core';

/** A file of the repository that speaks to agents, as it is on the base commit. */
export interface Instructions {
  path: string;
  text: string;
}

/**
 * What the agent is told: the task, what it may change, how the work will be judged, what failed before, what persons have
 * answered to its questions, and the project's own instructions. Those are read from the base commit, since an agent's own edits to them must not steer the next one.
 */
export function buildPrompt(
  task: Task,
  instructions: readonly Instructions[],
  answers: readonly string[] = [],
): string {
  const sections = [`# ${task.title}`];
  if (task.description.trim() !== '') sections.push(task.description.trim());
  sections.push(`## How to work\n\n${rulesOf(task).join('\n')}`);
  if (task.failure) {
    sections.push(`## The attempt before this one failed\n\n${task.failure.message}\n\nDo not repeat it.`);
  }
  if (answers.length > 0) {
    sections.push(`## What a person has answered\n\n${answers.map((answer) => `- ${answer}`).join('\n')}`);
  }
  for (const { path, text } of instructions) sections.push(`## ${path}\n\n${text.trim()}`);
  return `${sections.join('\n\n')}\n`;
}

function rulesOf(task: Task): string[] {
  const rules = ['- Work in the current folder only. Your changes are collected when you end; you need not commit.'];
  const writable = task.locks.filter((lock) => lock.mode === 'exclusive').map((lock) => `\`${lock.glob}\``);
  if (task.locks.length > 0) {
    rules.push(
      writable.length > 0
        ? `- Change only files that match ${writable.join(', ')}. A change elsewhere makes the attempt fail.`
        : '- Change no file.',
    );
  }
  for (const check of task.checks)
    rules.push(`- It is done when \`${check}\` exits with 0; that is run after you end.`);
  return rules;
}
