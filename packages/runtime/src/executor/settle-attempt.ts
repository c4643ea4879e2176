import { type JournalEntry, type JsonObject, messageOf } from '@signalbox/kernel';
import type { Attempt, LeaseRef, SettleOutcome, Task } from '@signalbox/task-core';
import { RuntimeError } from '../errors.js';
import { INTEGRATION_REF } from '../landing/integration.js';
import { recordSettle } from '../tasks/entries.js';
import type { AttemptEnd } from './attempt-scope.js';
import type { ExecutorEnv } from './env.js';

/** An ending as it is stored and shown: an agent can have put a secret into the name of a file or of a session. */
export function redactEnd(env: Pick<ExecutorEnv, 'redactor'>, end: AttemptEnd): AttemptEnd {
  return env.redactor.json(JSON.parse(JSON.stringify(end)) as JsonObject) as unknown as AttemptEnd;
}

/** Ends the lease with what came of the attempt; the landing, if there was one, goes into the same transaction. */
export async function settleAttempt(
  env: ExecutorEnv,
  lease: LeaseRef,
  attempt: Attempt,
  end: AttemptEnd,
): Promise<SettleOutcome> {
  const landed: JournalEntry[] = end.landed
    ? [
        {
          kind: 'landing.landed',
          actor: 'system',
          subject: `task/${lease.task}`,
          data: { attempt: attempt.id, fence: attempt.fence, ref: INTEGRATION_REF, commit: end.landed },
        },
      ]
    : [];
  const verdict = { verdict: JSON.parse(JSON.stringify(end.verdict)) as JsonObject };
  return env.store.tasks.settle(
    lease,
    end.settlement,
    end.landed ? { ...end.data, landed: end.landed } : end.data,
    recordSettle('system', verdict, [...(end.outcomes ?? []), ...landed]),
  );
}

/**
 * Nobody's attempt failed, so the task goes back as it was. Returns what to throw: that the lease is lost, if it is, since
 * whatever went wrong then follows from another holder's being at work. What is known of the attempt by then is kept: an agent
 * that has worked has cost money. If giving back fails, the lease runs out by itself.
 */
export async function giveBack(
  env: ExecutorEnv,
  { lease, data: kept }: { lease: LeaseRef; data: JsonObject },
  because: unknown,
): Promise<unknown> {
  const data = { because: env.redactor.text(messageOf(because)) };
  try {
    const outcome = await env.store.tasks.settle(
      lease,
      { kind: 'release' },
      env.redactor.json(kept),
      recordSettle('system', data),
    );
    return outcome.status === 'lease_lost' ? leaseLost(outcome.task, because) : because;
  } catch {
    return because;
  }
}

function leaseLost(task: Task, cause?: unknown): RuntimeError {
  return new RuntimeError({
    code: 'LEASE_LOST',
    message: `Another holder has taken ${task.id}; nothing of this attempt was landed.`,
    hint: 'See who holds it with `signalbox task show`.',
    details: { status: task.status, holder: task.lease?.holder ?? null },
    cause,
  });
}
