import type { Block } from '../task.js';
import type { TaskRecord } from './record.js';
import type { Tables } from './tables.js';

/**
 * How long a task must have waited to come before one whose priority is higher by one point: an urgent task (20) goes
 * before every normal one (0) of the five hours before it, and no task waits for ever.
 */
export const AGEING_MS_PER_POINT = 15 * 60_000;

/**
 * Where a task stands in line, lowest first: when it could first be taken, brought forward by its priority. Fixed when the
 * task is written, so that ageing costs a claim nothing: no queue is ever sorted again.
 */
export function rankOf(task: { createdAt: number; notBefore: number | null; priority: number }): number {
  return Math.max(task.createdAt, task.notBefore ?? 0) - task.priority * AGEING_MS_PER_POINT;
}

/** Saves a changed record. What follows from its state (whether it is ready, when to look again) is set here and nowhere else. */
export function put(tables: Tables, record: TaskRecord, now: number): void {
  record.ready = isReady(record, now);
  record.wakeAt = wakeTime(record);
  record.version += 1;
  record.updatedAt = now;
  tables.saveTask(record);
}

export function isReady(record: Pick<TaskRecord, 'status' | 'notBefore'>, now: number): boolean {
  return record.status === 'queued' && (record.notBefore === null || record.notBefore <= now);
}

export function wakeTime(record: Pick<TaskRecord, 'status' | 'notBefore' | 'blocks' | 'ready'>): number | null {
  if (record.status === 'queued') return record.ready ? null : record.notBefore;
  if (record.status !== 'blocked') return null;
  const ends = record.blocks.map(quotaEnd).filter((end) => end !== null);
  return ends.length === 0 ? null : Math.min(...ends);
}

export function quotaEnd(block: Block): number | null {
  return block.kind === 'quota' ? Date.parse(block.until) : null;
}
