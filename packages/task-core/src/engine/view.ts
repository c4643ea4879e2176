import { isoTime } from '@signalbox/kernel';
import { TaskError } from '../errors.js';
import type { Block, LeaseView, Task, TaskStatus } from '../task.js';
import type { TaskRecord } from './record.js';
import type { Need, Tables } from './tables.js';

const time = (at: number | null): string | null => (at === null ? null : isoTime(at));

/** What the world sees of a record; the reasons for a block are gathered from where each is kept. */
export function toTask(tables: Pick<Tables, 'needsOf' | 'waitsOf'>, record: TaskRecord): Task {
  const { spec } = record;
  // Written out, since spreading a spec into it costs 2 µs, and every outcome holds one.
  return {
    id: record.id,
    title: spec.title,
    description: spec.description,
    type: spec.type,
    run: spec.run,
    priority: spec.priority,
    needs: spec.needs,
    locks: spec.locks,
    labels: spec.labels,
    capabilities: spec.capabilities,
    ai: spec.ai,
    onNeedFailure: spec.onNeedFailure,
    checks: spec.checks,
    maxAttempts: spec.maxAttempts,
    timeoutMs: spec.timeoutMs,
    budget: spec.budget,
    idempotencyKey: spec.idempotencyKey,
    metadata: spec.metadata,
    status: record.status,
    notBefore: time(record.notBefore),
    attempt: record.attempt,
    blockedBy: record.status === 'blocked' ? blocksOf(tables, record) : [],
    failure: record.failure,
    cancelRequestedAt: time(record.lease?.cancelAt ?? null),
    version: record.version,
    createdAt: isoTime(record.createdAt),
    createdBy: record.createdBy,
    updatedAt: isoTime(record.updatedAt),
    startedAt: time(record.startedAt),
    finishedAt: time(record.finishedAt),
    lease: toLease(record),
  };
}

function blocksOf(tables: Pick<Tables, 'needsOf' | 'waitsOf'>, record: TaskRecord): Block[] {
  const needs = record.unmet > 0 ? tables.needsOf(record.id).filter((need) => !need.met) : [];
  return [
    ...needs.map(({ need, status }): Block => ({ kind: 'dependency', task: need, state: needState(status) })),
    ...tables.waitsOf(record.id).map(({ holder, glob }): Block => ({ kind: 'lock', task: holder, glob })),
    ...record.blocks,
  ];
}

function needState(status: Need['status']): 'unmet' | 'failed' | 'cancelled' {
  return status === 'failed' || status === 'cancelled' ? status : 'unmet';
}

function toLease(record: TaskRecord): LeaseView | null {
  const { lease, fence } = record;
  if (!lease) return null;
  const { holder, ttlMs } = lease;
  return {
    fence,
    holder,
    expiresAt: isoTime(lease.expiresAt),
    ttlMs,
    heartbeatAt: isoTime(lease.heartbeatAt),
  };
}

/** Throws `NOT_FOUND` for an id that no task has. */
export function mustFind(tables: Pick<Tables, 'findTask'>, id: string): TaskRecord {
  const record = tables.findTask(id);
  if (record) return record;
  throw new TaskError({
    code: 'NOT_FOUND',
    message: `There is no task ${id.slice(0, 80)}.`,
    hint: 'List the tasks with `signalbox task list`.',
  });
}

export function wrongState(task: { id: string; status: TaskStatus }, cannot: string, hint: string): TaskError {
  return new TaskError({ code: 'WRONG_STATE', message: `${task.id} is ${task.status}: ${cannot}.`, hint });
}
