import { type AIInstance, type AttemptOutcome, type Health, healthOf } from '@signalbox/router';
import type { Attempt } from '@signalbox/task-core';
import type { ProjectStore } from '../project/open-store.js';

// Enough for the breaker, which looks at ten minutes, and for the backoff of one that keeps failing.
const LOOKED_AT = 50;

/** What an AI's last attempts say about giving it more: see `healthOf`. */
export async function healthOfAI(
  { tasks, clock }: Pick<ProjectStore, 'tasks' | 'clock'>,
  ai: AIInstance,
): Promise<Health> {
  const attempts = await tasks.attemptsOf(ai.id, LOOKED_AT);
  const since = ai.clearedAt === undefined ? {} : { since: Date.parse(ai.clearedAt) };
  return healthOf(attempts.flatMap(outcomeOf), clock.now(), since);
}

function outcomeOf({ finishedAt, outcome, failure }: Attempt): AttemptOutcome[] {
  if (finishedAt === null || outcome === null) return [];
  const at = Date.parse(finishedAt);
  if (outcome === 'succeeded') return [{ at, failure: null }];
  const { resumeAt } = failure ?? {};
  return [{ at, failure: failure?.class ?? outcome, ...(resumeAt === undefined ? {} : { resumeAt }) }];
}
