import type { JsonObject } from '@signalbox/kernel';
import type { SandboxMode } from '@signalbox/policy';
import type { ClaimOutcome, Executor, Lease, Task, TaskPage, TaskStore } from '@signalbox/task-core';
import { type Actor, actorName } from '../actor.js';
import { spentOn } from '../door/budget.js';
import type { Ask, Door } from '../door/door.js';
import { RuntimeError } from '../errors.js';
import { describeBlock } from '../tasks/describe-block.js';
import { recordClaim } from '../tasks/entries.js';

export interface ClaimIntent {
  actor: Actor;
  /** In which whatever comes of it is held. */
  sandbox?: SandboxMode;
  action: 'task.claim' | 'task.execute';
  holder: string;
  ttlMs: number;
  /** A full id; without it the first ready task that policy allows. */
  task?: string;
  executor?: Executor;
  /** Tasks not to take when none is named. */
  passOver?: ReadonlySet<string>;
  /** When none is named: whether to take this one now. What does not suit is passed over, and leaves no entry. */
  suits?: (task: Task) => Promise<boolean>;
}

export type Claimed = { task: Task; lease: Lease };

/** What a policy may look at when a task is claimed, executed, completed or landed. */
export function taskAsk(actor: Actor, action: string, task: Task): Ask {
  const { id, type, priority, labels, ai } = task;
  const locks = task.locks.map((lock) => lock.glob);
  return {
    authors: [task.createdBy],
    exactly: workOf(task),
    actor,
    action: { name: action },
    subject: `task/${id}`,
    resource: { type, priority, locks, labels, ai: ai ?? '' },
    task: { id, type, labels, locks },
  };
}

/** What a task is about. An approval is about a task as it was when it was asked about. */
export function workOf({ title, description, type, run, checks }: Task): JsonObject {
  return { title, description, type, run, checks: [...checks] };
}

/** A line that a user wrote may do more than one that an AI wrote. */
export function originOf(task: Task): 'user' | 'ai' {
  return task.createdBy.startsWith('user:') ? 'user' : 'ai';
}

/**
 * Claims through the door: the decision is about the task at one version, and the store refuses if it has moved on. Of the
 * ready tasks, those that policy refuses are passed over and those that lose to a lock are parked. Throws `NOTHING_READY`,
 * `ALREADY_CLAIMED`, `LOCKED`, `BLOCKED`, `DELAYED` or `FINISHED` with who or what is in the way.
 */
export async function claimThroughDoor(tasks: TaskStore, door: Door, intent: ClaimIntent): Promise<Claimed> {
  if (intent.task !== undefined) {
    const outcome = await claimOne(tasks, door, intent, intent.task, false);
    if (outcome.status === 'claimed') return outcome;
    throw refusedClaim(outcome);
  }
  const passedOver = new Set(intent.passOver);
  const refusals: RuntimeError[] = [];
  for (;;) {
    const next = await firstReady(tasks, passedOver, intent.suits);
    if (next === null) throw nothingReady(refusals);
    try {
      const outcome = await claimOne(tasks, door, intent, next, true);
      if (outcome.status === 'claimed') return outcome;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusals.push(error);
      passedOver.add(next);
    }
  }
}

const MAX_PAGE = 1_000;

async function firstReady(
  tasks: TaskStore,
  passedOver: ReadonlySet<string>,
  suits: ClaimIntent['suits'],
): Promise<string | null> {
  // The first page is as small as can be, since what it holds most often suits; after that a look is worth more.
  let limit = Math.min(passedOver.size + 1, MAX_PAGE);
  let cursor: string | null = null;
  do {
    const page: TaskPage = await tasks.list({ ready: true, limit, ...(cursor === null ? {} : { cursor }) });
    for (const task of page.tasks) {
      if (!passedOver.has(task.id) && (!suits || (await suits(task)))) return task.id;
    }
    cursor = page.next;
    limit = Math.min(limit * 4, MAX_PAGE);
  } while (cursor !== null);
  return null;
}

async function claimOne(
  tasks: TaskStore,
  door: Door,
  intent: ClaimIntent,
  id: string,
  park: boolean,
): Promise<ClaimOutcome> {
  for (;;) {
    const task = await tasks.get(id);
    if (!task) throw new RuntimeError({ code: 'NOT_FOUND', message: `There is no task ${id}.` });
    const actor = actorName(intent.actor);
    const ask = taskAsk(intent.actor, intent.action, task);
    const spent = intent.action === 'task.execute' ? { spent: await spentOn(tasks, id) } : {};
    const outcome = await door.pass(
      { ...ask, ...spent, ...(intent.sandbox ? { sandbox: intent.sandbox } : {}) },
      (withDecision) =>
        tasks.claim(
          {
            task: id,
            holder: door.redactor.text(intent.holder),
            ttlMs: intent.ttlMs,
            expectedVersion: task.version,
            ignoreNotBefore: intent.action === 'task.execute' && !park,
            park,
            ...(intent.executor ? { executor: intent.executor } : {}),
          },
          (claimed) => {
            const entries = recordClaim(actor)(claimed);
            return claimed.status === 'claimed' ? withDecision(entries) : entries;
          },
        ),
    );
    if (outcome.status !== 'stale') return outcome;
  }
}

function isRefusal(error: unknown): error is RuntimeError {
  return error instanceof RuntimeError && (error.code === 'POLICY_DENIED' || error.code === 'APPROVAL_REQUIRED');
}

function nothingReady(refusals: readonly RuntimeError[]): RuntimeError {
  const [first] = refusals;
  const refused = `No task is ready that policy lets you take (${refusals.length} refused). ${first?.message}`;
  return new RuntimeError({
    code: 'NOTHING_READY',
    message: first ? refused : 'No task is ready.',
    details: { refused: refusals.length },
    hint: 'See what waits and for what with `signalbox task list --blocked`.',
  });
}

function refusedClaim(outcome: Exclude<ClaimOutcome, { status: 'claimed' }>): RuntimeError {
  switch (outcome.status) {
    case 'empty':
      return nothingReady([]);
    case 'not_found':
      return new RuntimeError({ code: 'NOT_FOUND', message: `There is no task ${outcome.id}.` });
    case 'locked':
      return new RuntimeError({
        code: 'LOCKED',
        message: `${outcome.task.id} needs paths that ${outcome.conflicts.map((c) => `${c.task} holds (${c.glob})`).join(', ')}.`,
        hint: 'Wait until that has landed, or break it with `signalbox task requeue`.',
        details: { conflicts: outcome.conflicts.map(({ task, glob, wanted }) => ({ task, glob, wanted })) },
      });
    default:
      return inTheWay(outcome.status, outcome.task);
  }
}

function inTheWay(status: 'stale' | 'taken' | 'blocked' | 'finished' | 'delayed', task: Task): RuntimeError {
  const details = JSON.parse(JSON.stringify({ status: task.status, lease: task.lease, blockedBy: task.blockedBy }));
  switch (status) {
    case 'taken':
      return new RuntimeError({
        code: 'ALREADY_CLAIMED',
        message: `${task.id} is held by ${task.lease?.holder} until ${task.lease?.expiresAt}.`,
        hint: 'Take another, or break the lease with `signalbox task requeue`.',
        details,
      });
    case 'blocked':
      return new RuntimeError({
        code: 'BLOCKED',
        message: `${task.id} is blocked: ${task.blockedBy.map(describeBlock).join('; ')}.`,
        hint: 'It is queued again by itself when the last reason goes; `signalbox task requeue` clears a wait for a person.',
        details,
      });
    case 'delayed':
      return new RuntimeError({
        code: 'DELAYED',
        message: `${task.id} waits until ${task.notBefore}.`,
        hint: 'Name it in `signalbox task execute` to start it at once.',
        details,
      });
    case 'stale':
      return new RuntimeError({ code: 'STALE', message: `${task.id} has changed meanwhile.`, hint: 'Try again.' });
    case 'finished':
      return new RuntimeError({
        code: 'FINISHED',
        message: `${task.id} is ${task.status}.`,
        hint: task.status === 'failed' ? 'Start it afresh with `signalbox task requeue`.' : 'Create a new task.',
        details,
      });
  }
}
