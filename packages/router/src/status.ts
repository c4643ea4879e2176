import type { AIInstance, AIStatus } from './ai.js';
import type { Health } from './health.js';

/** How many attempts it may run at once as things are: one while it is on trial, none while it rests. */
export function placesOf(ai: AIInstance, health: Health | undefined): number {
  if (health?.state === 'open') return 0;
  return health?.state === 'half-open' ? 1 : ai.maxConcurrent;
}

/** The status to show, with what the registry cannot know: attempts under way, and what came of those before. */
export function statusOf(ai: AIInstance, running: number, health?: Health): AIStatus {
  if (ai.status !== 'online') return ai.status;
  if (health?.state === 'open') return health.cause === 'quota' ? 'paused' : 'error';
  return running >= placesOf(ai, health) ? 'busy' : 'online';
}
