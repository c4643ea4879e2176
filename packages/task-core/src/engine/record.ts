import type { Block, Executor, Failure, TaskSpec, TaskStatus } from '../task.js';

/** The current lease. Of the holder's secret only the digest is kept. */
export interface LeaseRecord {
  digest: string;
  holder: string;
  ttlMs: number;
  expiresAt: number;
  heartbeatAt: number;
  /** When somebody asked for the attempt to be stopped and for the task to be cancelled. */
  cancelAt: number | null;
  executor: Executor | null;
}

/** What a store keeps of one task. Times are epoch milliseconds. The lease has a place of its own, and so have locks, needs and waits. */
export interface TaskRecord {
  /** Counts the tasks of the store, from 1. */
  seq: number;
  id: string;
  spec: TaskSpec;
  status: TaskStatus;
  /** Where it stands among the ready ones, lowest first. See `rankOf`. */
  rank: number;
  /** Whether a claim may take it: queued, and due. Set by `put` alone. */
  ready: boolean;
  /** When to look at it again although nobody touches it: its delay or its quota ends. Set by `put` alone. */
  wakeAt: number | null;
  notBefore: number | null;
  attempt: number;
  /** How many of its needs have not been counted off. */
  unmet: number;
  /** The reasons for a block that lie in no other table: approval, quota, landing, human. */
  blocks: readonly Block[];
  failure: Failure | null;
  version: number;
  createdAt: number;
  createdBy: string;
  updatedAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  /** The digest of the spec, where it came with an idempotency key. */
  specDigest: string | null;
  /** A topological place: higher than that of everything it needs. See `addNeed`. */
  place: number;
  fence: number;
  lease: LeaseRecord | null;
}

export type NewTaskRecord = Omit<TaskRecord, 'seq' | 'place'>;
