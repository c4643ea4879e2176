import { isoTime, type JsonObject } from '@signalbox/kernel';
import type { SqlRow } from '@signalbox/kernel/sqlite';
import type { LeaseRecord, TaskRecord } from '../engine/record.js';
import type { Attempt, AttemptOutcome, Block, Executor, Failure, TaskStatus } from '../task.js';
import { readSpec } from './spec-text.js';

const parsed = <T>(value: unknown): T | null => (value === null ? null : (JSON.parse(value as string) as T));

export function toRecord(row: SqlRow, lease: LeaseRecord | null): TaskRecord {
  return {
    seq: row['seq'] as number,
    id: row['id'] as string,
    spec: readSpec(row['spec'] as string),
    status: row['status'] as TaskStatus,
    rank: row['rank'] as number,
    ready: row['ready'] === 1,
    wakeAt: row['wake_at'] as number | null,
    notBefore: row['not_before'] as number | null,
    attempt: row['attempt'] as number,
    unmet: row['unmet'] as number,
    blocks: parsed<Block[]>(row['blocks']) ?? [],
    failure: parsed<Failure>(row['failure']),
    version: row['version'] as number,
    createdAt: row['created_at'] as number,
    createdBy: row['created_by'] as string,
    updatedAt: row['updated_at'] as number,
    startedAt: row['started_at'] as number | null,
    finishedAt: row['finished_at'] as number | null,
    specDigest: row['spec_digest'] as string | null,
    // Only a task that has changed places has one of its own.
    place: (row['place'] ?? row['seq']) as number,
    fence: row['fence'] as number,
    lease,
  };
}

export function toLeaseRecord(row: SqlRow): LeaseRecord {
  return {
    digest: row['digest'] as string,
    holder: row['holder'] as string,
    ttlMs: row['ttl'] as number,
    expiresAt: row['expires'] as number,
    heartbeatAt: row['heartbeat'] as number,
    cancelAt: row['cancel_at'] as number | null,
    executor: parsed<Executor>(row['executor']),
  };
}

export function toAttempt(row: SqlRow): Attempt {
  return {
    id: row['id'] as string,
    task: row['task'] as string,
    number: row['number'] as number,
    fence: row['fence'] as number,
    ai: row['ai'] as string | null,
    startedAt: isoTime(row['started_at'] as number),
    finishedAt: row['finished_at'] === null ? null : isoTime(row['finished_at'] as number),
    outcome: row['outcome'] as AttemptOutcome | null,
    failure: parsed(row['failure']),
    landing: parsed(row['landing']),
    data: JSON.parse(row['data'] as string) as JsonObject,
  };
}

export const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
