import { type Obstacle, type Task, whyNot } from '@signalbox/task-core';
import type { Actor } from '../actor.js';
import { taskAsk } from '../executor/claim-task.js';
import type { ExecutorEnv } from '../executor/env.js';
import { findCandidateProblem } from '../executor/route.js';
import { mustGet } from './hold-task.js';

/** What keeps a task from running: what the queue knows, and for a task that is free, who could take it. */
export type WaitReason =
  | Obstacle
  | { kind: 'no_ai'; message: string; hint: string | null }
  | { kind: 'policy'; decision: 'ask' | 'deny'; reason: string };

export interface WaitReport {
  task: Task;
  /** Nothing is in its way: an executor could start on it now. */
  runnable: boolean;
  reasons: WaitReason[];
}

/** What exactly keeps this task from running. Decides nothing and records nothing. Throws `NOT_FOUND`. */
export async function explainWait(env: ExecutorEnv, actor: Actor, id: string): Promise<WaitReport> {
  const { tasks, clock } = env.store;
  const task = await mustGet({ tasks }, id);
  const reasons: WaitReason[] = await whyNot(tasks, task, clock.now());
  if (task.status === 'queued') reasons.unshift(...(await whoCould(env, actor, task)));
  const runnable = reasons.every((reason) => reason.kind === 'next');
  // That it is first in line helps nobody while something else is in its way.
  return { task, runnable, reasons: runnable ? reasons : reasons.filter(({ kind }) => kind !== 'next') };
}

async function whoCould(env: ExecutorEnv, actor: Actor, task: Task): Promise<WaitReason[]> {
  const reasons: WaitReason[] = [];
  const problem = await findCandidateProblem(env, task, { pin: null });
  if (problem) reasons.push({ kind: 'no_ai', message: problem.message, hint: problem.hint ?? null });
  const { decision, reason } = env.door.judge(taskAsk(actor, 'task.execute', task));
  if (decision !== 'allow') reasons.push({ kind: 'policy', decision, reason });
  return reasons;
}

/** One reason in words, and what it rests on below it. */
export function describeWait(reason: WaitReason): string[] {
  switch (reason.kind) {
    case 'next':
      return [
        reason.ahead === 0
          ? 'It is the next to be taken; an executor has to run: `signalbox task execute --next`.'
          : `${reason.ahead} ready ${reason.ahead === 1 ? 'task comes' : 'tasks come'} before it.`,
      ];
    case 'ended':
      return reason.status === 'failed'
        ? [
            'It has failed.',
            '  Start it afresh with `signalbox task retry`; what failed is in `signalbox evidence show`.',
          ]
        : [`It is ${reason.status}.`];
    case 'held':
      return [`${reason.holder} ${reason.status === 'running' ? 'works on it' : 'holds it'} until ${reason.until}.`];
    case 'delayed':
      return [`It is not to start before ${reason.until}.`];
    case 'dependency':
      return [`It needs ${reason.task} (${reason.title}), which is ${reason.status}.`, ...wayOut(reason)];
    case 'lock':
      return [
        reason.status === 'queued'
          ? `${reason.task} (${reason.title}) is to have ${reason.glob} before it.`
          : `${reason.task} (${reason.title}) holds ${reason.glob}.`,
        ...below(reason.because),
      ];
    case 'approval':
      return reason.approval === undefined
        ? [`An approval is needed to ${reason.what} (${reason.decision}).`]
        : [
            `An approval is needed to ${reason.what}.`,
            `  Look with \`signalbox approval show ${reason.approval}\`, and approve or reject it.`,
          ];
    case 'quota':
      return [`A quota is used up until ${reason.until}.`];
    case 'landing':
    case 'human':
      return [reason.reason];
    case 'no_ai':
      return [reason.message, ...(reason.hint ? [`  ${reason.hint}`] : [])];
    case 'policy':
      return [
        `Policy ${reason.decision === 'ask' ? 'asks before it is executed' : 'denies executing it'}: ${reason.reason}`,
      ];
  }
}

/** What somebody can do about a need, or what it waits for itself. */
function wayOut({ task, status, because }: Extract<Obstacle, { kind: 'dependency' }>): string[] {
  if (status === 'failed')
    return [`  Start that one afresh with \`signalbox task retry ${task}\`, or do without it: --remove-need.`];
  if (status === 'cancelled') return [`  Do without it: \`signalbox task update <id> --remove-need ${task}\`.`];
  return below(because);
}

function below(because: readonly Obstacle[]): string[] {
  return because.flatMap(describeWait).map((line) => `  ${line}`);
}
