import {
  type AIInstance,
  type AttemptOutcome,
  type Health,
  healthOf,
  type RecordedAttempt,
  type TrackRecord,
  trackRecord,
} from '@signalbox/router';
import type { Attempt } from '@signalbox/task-core';
import { toldBy } from '../budgets/used.js';
import type { ProjectStore } from '../project/open-store.js';

// Enough for the breaker, which looks at ten minutes, and for the backoff of one that keeps failing.
const LOOKED_AT = 50;

/** What an AI's last attempts say about giving it more: see `healthOf`. */
export async function healthOfAI(store: Pick<ProjectStore, 'tasks' | 'clock'>, ai: AIInstance): Promise<Health> {
  return (await pastOfAI(store, ai)).health;
}

/** The same, and how well it has worked. */
export async function pastOfAI(
  { tasks, clock }: Pick<ProjectStore, 'tasks' | 'clock'>,
  ai: AIInstance,
): Promise<{ health: Health; record: TrackRecord }> {
  const attempts = await tasks.attemptsOf(ai.id, LOOKED_AT);
  const since = ai.clearedAt === undefined ? {} : { since: Date.parse(ai.clearedAt) };
  const health = healthOf(attempts.flatMap(outcomeOf), clock.now(), since);
  return { health, record: trackRecord(attempts.flatMap(recordOf)) };
}

function recordOf({ outcome, failure, data }: Attempt): RecordedAttempt[] {
  if (outcome !== 'succeeded' && outcome !== 'failed') return [];
  const { usd } = toldBy(data);
  return [{ failure: failure?.class ?? null, ...(usd === undefined ? {} : { costUsd: usd }) }];
}

function outcomeOf({ finishedAt, outcome, failure }: Attempt): AttemptOutcome[] {
  if (finishedAt === null || outcome === null) return [];
  const at = Date.parse(finishedAt);
  if (outcome === 'succeeded') return [{ at, failure: null }];
  const { resumeAt } = failure ?? {};
  return [{ at, failure: failure?.class ?? outcome, ...(resumeAt === undefined ? {} : { resumeAt }) }];
}
