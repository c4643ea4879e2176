import { type AIInstance, type AIStatus, type Health, statusOf } from '@signalbox/router';
import type { ProjectStore } from '../project/open-store.js';
import { healthOfAI } from './health-of-ai.js';

/** An AI as it is now. */
export interface AIReport extends AIInstance {
  /** Attempts under way. */
  running: number;
  health: Health;
}

/** `status` is what it is now, with its attempts under way and what came of those before. */
export async function reportAI(store: Pick<ProjectStore, 'tasks' | 'clock'>, ai: AIInstance): Promise<AIReport> {
  const held = await store.tasks.held();
  const running = held.filter(({ attempt }) => attempt?.ai === ai.id && attempt.finishedAt === null).length;
  const health = await healthOfAI(store, ai);
  const status: AIStatus = statusOf(ai, running, health);
  return { ...ai, status, running, health };
}
