import { type Approval, type ApprovalScope, answerOf, refusedAnswerer } from '@signalbox/policy/records';
import type { Task } from '@signalbox/task-core';
import { type Actor, actorName, SYSTEM } from '../actor.js';
import type { Door } from '../door/door.js';
import { RuntimeError } from '../errors.js';
import type { ProjectStore } from '../project/open-store.js';
import { approvalEntry } from './entries.js';
import { endedTaskOf } from './open-questions.js';

export interface AnswerEnv {
  store: Pick<ProjectStore, 'records' | 'tasks' | 'clock'>;
  door: Door;
  actor: Actor;
}

export interface AnswerRequest {
  /** A full id. */
  id: string;
  effect: 'approve' | 'reject';
  scope: ApprovalScope;
  reason: string | null;
  /** Milliseconds: how long a yes holds. */
  holdsMs: number;
}

/**
 * A person answers what policy asked. The task that waits for it is queued again. The same answer given twice is one answer.
 * Throws `AGENT_REFUSED` to an AI, `POLICY_DENIED` to a person who may not answer this one, `ALREADY_ANSWERED`,
 * `APPROVAL_EXPIRED`, `FINISHED` where the task that it was asked for has ended, and policy's `APPROVAL_NOT_FOUND`.
 */
export async function answerApproval(env: AnswerEnv, request: AnswerRequest): Promise<Approval> {
  const { door, actor, store } = env;
  const { approvals } = store.records;
  door.refuseAgents(actor, 'answer an approval');
  const asked = await approvals.get(request.id);
  const refused = refusedAnswerer(asked, actorName(actor));
  if (refused) throw mayNot(refused, asked);
  // The same answer given again is no new one.
  const ended = asked.answer === null ? await endedTaskOf(store, asked) : null;
  if (ended) throw tooLate(asked, ended);
  const ask = {
    actor,
    action: { name: 'approval.answer' },
    subject: asked.task === null ? 'project' : `task/${asked.task}`,
    resource: { id: asked.id, source: asked.requester, digest: asked.digest },
  };
  const outcome = await door.pass(ask, async (withDecision) => {
    // Before, so that a kill in between leaves a task that asks again instead of one that waits for ever.
    await unblockFor(store, asked);
    const { effect, scope, reason } = request;
    const said = reason === null ? null : door.redactor.text(reason);
    const by = actorName(actor);
    return approvals.answer(
      asked.id,
      { effect, scope, by, reason: said },
      store.clock.now() + request.holdsMs,
      (approval) => withDecision([approvalEntry('approval.answered', by, approval)]),
    );
  });
  // And after, for the attempt that was settled in between.
  await unblockFor(store, asked);
  if (outcome.status === 'answered_before') throw answeredBefore(outcome.approval);
  if (outcome.status === 'expired') throw expired(outcome.approval);
  return outcome.approval;
}

/** Lets a task go on that was blocked on questions which have been answered meanwhile. Returns it as it is then. */
export async function unblockAnswered(store: AnswerEnv['store'], task: Task): Promise<Task> {
  if (task.status !== 'blocked') return task;
  for (const block of task.blockedBy) {
    if (block.kind !== 'approval' || block.approval === undefined) continue;
    const approval = await store.records.approvals.get(block.approval);
    if (answerOf(approval, store.clock.now()).status !== 'waiting') await unblockFor(store, approval);
  }
  return (await store.tasks.get(task.id)) ?? task;
}

/** Ends the questions that nobody has answered in time: that is a no, and whoever waits goes on with it. */
export async function expireApprovals(store: AnswerEnv['store']): Promise<Approval[]> {
  const over = await store.records.approvals.overdue();
  if (over.length === 0) return [];
  for (const approval of over) await unblockFor(store, approval);
  return store.records.approvals.expire((approval) => [approvalEntry('approval.expired', 'system', approval)]);
}

async function unblockFor({ tasks }: AnswerEnv['store'], approval: Approval): Promise<void> {
  if (approval.task === null || (await tasks.get(approval.task)) === null) return;
  await tasks.unblock(
    approval.task,
    (block) => block.kind === 'approval' && block.approval === approval.id,
    ({ woken }) =>
      woken.map((task) => ({
        kind: 'task.unblocked',
        actor: actorName(SYSTEM),
        subject: `task/${task.id}`,
        data: { approval: approval.id },
      })),
  );
}

function mayNot(message: string, approval: Approval): RuntimeError {
  return new RuntimeError({
    code: 'POLICY_DENIED',
    message,
    hint: `${approval.rules.join(', ')} says who may answer; see \`signalbox approval show ${approval.id}\`.`,
    details: { approval: approval.id, approvers: approval.approvers },
  });
}

function tooLate({ id }: Approval, task: Task): RuntimeError {
  return new RuntimeError({
    code: 'FINISHED',
    message: `${id} was asked for ${task.id}, which is ${task.status}: nothing waits for the answer any more.`,
    hint:
      task.status === 'failed'
        ? `Start it afresh with \`signalbox task retry ${task.id}\`; then it can be answered, or is asked again.`
        : 'See what is still to be answered with `signalbox approval list`.',
    details: { approval: id, task: task.id, status: task.status },
  });
}

function answeredBefore(approval: Approval): RuntimeError {
  const { by, effect, at } = approval.answer ?? { by: 'somebody', effect: 'approve', at: approval.requestedAt };
  return new RuntimeError({
    code: 'ALREADY_ANSWERED',
    message: `${approval.id} was answered by ${by} at ${at}: ${effect === 'approve' ? 'approved' : 'rejected'}.`,
    hint: 'An answer stands. To allow it from now on, change .ai/policy.yaml or run `signalbox policy override add`.',
    details: { approval: approval.id, state: approval.state },
  });
}

function expired(approval: Approval): RuntimeError {
  return new RuntimeError({
    code: 'APPROVAL_EXPIRED',
    message: `${approval.id} could be answered until ${approval.expiresAt}; it counts as a no.`,
    hint: 'To allow it from now on, change .ai/policy.yaml or run `signalbox policy override add`.',
    details: { approval: approval.id },
  });
}
