import type { Task } from '@signalbox/task-core';
import type { EarlierAttempt } from './earlier-attempt.js';

/** A file of the repository that speaks to agents, as it is on the base commit. */
export interface Instructions {
  path: string;
  text: string;
}

/** What an agent is told beside its task. */
export interface PromptContext {
  instructions: readonly Instructions[];
  /** What persons have answered to the questions of the task. */
  answers: readonly string[];
  earlier: EarlierAttempt;
  /** Whether the agent can ask for one more lock by our command line. */
  canAskForLocks: boolean;
  /** Whether it works in our sandbox. */
  isSandboxed: boolean;
}

/**
 * What the agent is told: the task, what it may change, how the work will be judged, what failed before and where that work is,
 * what persons have answered to its questions, and the project's own instructions. Those are read from the base commit, since
 * an agent's own edits to them must not steer the next one.
 */
export function buildPrompt(task: Task, context: PromptContext): string {
  const { instructions, answers, earlier } = context;
  const sections = [`# ${task.title}`];
  if (task.description.trim() !== '') sections.push(task.description.trim());
  sections.push(`## How to work\n\n${rulesOf(task, context).join('\n')}`);
  const before = describeEarlier(task, earlier);
  if (before.length > 0) {
    sections.push(`## The attempt before this one${task.failure ? ' failed' : ''}\n\n${before.join('\n\n')}`);
  }
  if (answers.length > 0) {
    sections.push(`## What a person has answered\n\n${answers.map((answer) => `- ${answer}`).join('\n')}`);
  }
  for (const { path, text } of instructions) sections.push(`## ${path}\n\n${text.trim()}`);
  return `${sections.join('\n\n')}\n`;
}

function describeEarlier({ failure }: Task, { session, commit, gotLocks }: EarlierAttempt): string[] {
  const lines: string[] = [];
  if (gotLocks.length > 0) lines.push(`It ended for want of ${gotLocks.join(', ')}, which you may change now.`);
  if (failure) lines.push(failure.message, 'Do not repeat it.');
  else if (session !== null) lines.push('You were interrupted; go on.');
  if (commit !== null) {
    lines.push(`Its changes are not in the current folder. They are in a commit: \`git show ${commit}\`.`);
  } else if (session !== null) lines.push('Nothing that you changed then is in the current folder.');
  return lines;
}

function rulesOf(task: Task, { canAskForLocks, isSandboxed }: PromptContext): string[] {
  const rules = ['- Work in the current folder only. Your changes are collected when you end; you need not commit.'];
  if (isSandboxed) {
    rules.push(
      '- You are in a sandbox: only the current folder and the temporary folder can be written to, and git can look but not commit.',
    );
  }
  const writable = task.locks.filter((lock) => lock.mode === 'exclusive').map((lock) => `\`${lock.glob}\``);
  if (task.locks.length > 0) {
    rules.push(
      writable.length > 0
        ? `- Change only files that match ${writable.join(', ')}. A change elsewhere makes the attempt fail.`
        : '- Change no file.',
    );
    if (canAskForLocks) {
      const ask = `signalbox task lock add ${task.id} 'PATH'`;
      rules.push(`- If you need to change another file, ask for it first: \`${ask}\`.`);
    }
  }
  for (const check of task.checks)
    rules.push(`- It is done when \`${check}\` exits with 0; that is run after you end.`);
  return rules;
}
