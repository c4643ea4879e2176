import type { FailureClass } from '@signalbox/connectors';
import type { JsonObject } from '@signalbox/kernel';
import type { Attempt } from '@signalbox/task-core';

/** What the attempt before this one has left for it. */
export interface EarlierAttempt {
  /** Its agent's session, if that is to be gone on with. */
  session: string | null;
  /** The commit that keeps its changes, if it made any. */
  commit: string | null;
  /** Locks that it asked for in vain, and that the task has now. */
  gotLocks: readonly string[];
}

export const NOTHING_BEFORE: EarlierAttempt = { session: null, commit: null, gotLocks: [] };

/** After these an agent's memory of the attempt is worth having: it worked, and was stopped or was not good enough. */
const WORTH_RESUMING: ReadonlySet<string> = new Set<FailureClass>([
  ...(['transient', 'rate_limited', 'timeout', 'stalled', 'cancelled'] as const),
  ...(['checks_failed', 'policy_denied', 'lease_lost', 'crashed'] as const),
]);

/** In a row. A session that is gone on with grows with every attempt, and what led it astray stays in it. */
const MOST_RESUMED = 2;
/** Tokens read in one attempt, beyond which a fresh start is cheaper than to read all of it again. */
const MOST_TOKENS = 400_000;
const MOST_AGE_MS = 24 * 60 * 60_000;

/** What of a task's `attempts`, in their order, this one builds on. `ai`: who does it. Pure. */
export function earlierAttempt(attempts: readonly Attempt[], ai: string, now: number): EarlierAttempt {
  const ended = attempts.filter(({ finishedAt }) => finishedAt !== null);
  const last = ended.at(-1);
  if (!last) return NOTHING_BEFORE;
  const session = last.ai === ai && isWorthResuming(last, now) ? textOf(last.data, 'session') : null;
  const recent = ended.slice(-MOST_RESUMED);
  const isWorn = recent.length === MOST_RESUMED && recent.every(({ data }) => data['resumed'] === true);
  const wanted = (last.data['wantedLocks'] ?? []) as { glob: string }[];
  const gotLocks = wanted.map(({ glob }) => glob);
  return { session: isWorn ? null : session, commit: textOf(last.data, 'commit'), gotLocks };
}

function isWorthResuming({ outcome, failure, finishedAt, data }: Attempt, now: number): boolean {
  if (outcome === 'succeeded' || now - Date.parse(finishedAt ?? '') > MOST_AGE_MS) return false;
  if (failure !== null && !WORTH_RESUMING.has(failure.class)) return false;
  const { inputTokens, cacheReadTokens } = (data['usage'] ?? {}) as JsonObject;
  return numberOf(inputTokens) + numberOf(cacheReadTokens) <= MOST_TOKENS;
}

function textOf(data: JsonObject, name: string): string | null {
  const value = data[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
