import type { Task } from '@signalbox/task-core';
import { actorName } from '../actor.js';
import { RuntimeError } from '../errors.js';
import { taskAsk } from '../executor/claim-task.js';
import type { ExecutorEnv } from '../executor/env.js';
import { type ExecuteRequest, type Execution, executeTask } from '../executor/execute-task.js';
import { findCandidateProblem } from '../executor/route.js';
import { type WaitingWork, workDigest } from '../executor/waiting-work.js';
import { mustGet } from './hold-task.js';

export type AcceptRequest = Pick<ExecuteRequest, 'actor' | 'signal' | 'progress'> & {
  /** A full id. */
  task: string;
};

/**
 * A person has looked at the work of a task that waits for that, and lets it land as it was collected: the agent is not run again.
 * Everything that policy has to say about its end is judged as policy is now. Throws `AGENT_REFUSED` to an AI, `WRONG_STATE` where no
 * work waits to be looked at, `STALE` where the task has become another one since, and `NO_CANDIDATE`, with nothing changed, where the
 * AI that did the work can take no task now.
 */
export async function acceptWork(env: ExecutorEnv, request: AcceptRequest): Promise<Execution> {
  const { actor, task: id } = request;
  const { tasks } = env.store;
  env.door.refuseAgents(actor, 'accept the work of a task');
  const task = await mustGet({ tasks }, id);
  const { ai, attempt, commit } = await unseenWork(env, task);
  const problem = await findCandidateProblem(env, task, { pin: ai });
  if (problem) throw problem;
  const by = actorName(actor);
  // The question is about this commit: a yes to it is none to what another attempt makes.
  const ask = {
    ...taskAsk(actor, 'task.accept', task),
    exactly: { attempt, commit },
    authors: [task.createdBy, `ai:${ai}`],
  };
  await env.door.pass(ask, (withDecision) =>
    tasks.unblock(
      id,
      (block) => block.kind === 'human',
      ({ changed, woken }) => {
        if (!changed) return [];
        const subject = `task/${id}`;
        const accepted = { kind: 'task.accepted', actor: by, subject, data: { attempt, commit } };
        const freed = woken.map(() => ({ kind: 'task.unblocked', actor: by, subject, data: { accepted: commit } }));
        return withDecision([accepted, ...freed]);
      },
    ),
  );
  return executeTask(env, { ...request, ai });
}

async function unseenWork(env: ExecutorEnv, task: Task): Promise<{ ai: string; attempt: string; commit: string }> {
  const last = (await env.store.tasks.attempts(task.id)).at(-1);
  const waiting = last?.data['waiting'] as unknown as WaitingWork | undefined;
  const isBlocked = task.status === 'blocked' && task.blockedBy.some(({ kind }) => kind === 'human');
  if (!isBlocked || !last?.ai || !waiting?.unseen) throw nothing(task);
  if (waiting.work !== workDigest({ task })) throw changed(task);
  return { ai: last.ai, attempt: last.id, commit: waiting.commit };
}

function nothing(task: Task): RuntimeError {
  return new RuntimeError({
    code: 'WRONG_STATE',
    message: `${task.id} is ${task.status}, and no work of it waits for a person to accept it.`,
    hint: `See what it waits for with \`signalbox task why ${task.id}\`.`,
    details: { status: task.status },
  });
}

function changed(task: Task): RuntimeError {
  return new RuntimeError({
    code: 'STALE',
    message: `${task.id} asks for something else now than when that work was done.`,
    hint: `Have it done anew: \`signalbox task requeue ${task.id}\`.`,
  });
}
