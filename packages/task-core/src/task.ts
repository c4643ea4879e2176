import type { JsonObject } from '@signalbox/kernel';

/**
 * The states of a task:
 *
 * ```
 * queued ──claim──► claimed ──start──► running ──► done
 *   ▲  ▲               │                  │ ├────► failed     attempts used up, or a failure that no retry mends
 *   │  └──release──────┴──retry───────────┘ └────► blocked    must wait; no attempt spent
 *   └── blocked leaves by itself when its last reason goes; cancelled is reached from any state that is not terminal
 * ```
 */
export const TASK_STATUSES = ['queued', 'claimed', 'running', 'blocked', 'done', 'failed', 'cancelled'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const TASK_TYPES = [
  'feature',
  'bugfix',
  'refactor',
  'test',
  'docs',
  'review',
  'research',
  'chore',
  'command',
] as const;
export type TaskType = (typeof TASK_TYPES)[number];

/** Why an attempt failed. The class, not an exit code, decides what comes next: see `planAfterFailure`. */
export const FAILURE_CLASSES = [
  'transient',
  'rate_limited',
  'auth',
  'agent_error',
  'invalid_output',
  'timeout',
  'stalled',
  'cancelled',
  'policy_denied',
  'lease_lost',
  'checks_failed',
  'crashed',
  'need_failed',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

export interface Failure {
  class: FailureClass;
  message: string;
  /** For `rate_limited`: when the provider accepts work again, in epoch milliseconds. */
  resumeAt?: number;
}

/** The most locks of one task: each is compared with those that others hold. */
export const MAX_LOCKS = 256;

export interface PathLock {
  /** A glob of `@signalbox/rules/glob`, relative to the repository root. */
  glob: string;
  mode: 'exclusive' | 'shared';
}

/** An amount that may be used; what is left out is not limited. */
export interface Budget {
  /** US dollars. */
  usd?: number;
  /** Tokens, read and written. */
  tokens?: number;
  /** Answers of the model. */
  turns?: number;
  /** Milliseconds of attempts, from start to end. */
  timeMs?: number;
}

/** What a `command` task runs: an exact argument vector, or a line for the shell. */
export type RunLine = { argv: string[] } | { shell: string };

/** One reason why a task is blocked. It leaves `blocked` by itself when the last reason goes. */
export type Block =
  | { kind: 'dependency'; task: string; state: 'unmet' | 'failed' | 'cancelled' }
  | { kind: 'lock'; task: string; glob: string }
  /** `approval`: the id of the question that a person is to answer, where there is one. */
  | { kind: 'approval'; decision: string; what: string; approval?: string }
  | { kind: 'quota'; until: string }
  | { kind: 'landing'; reason: string }
  | { kind: 'human'; reason: string };

export const NEED_FAILURE_RULES = ['block', 'fail', 'ignore'] as const;
export type NeedFailureRule = (typeof NEED_FAILURE_RULES)[number];

/** What somebody asks for. Everything but the title has a default; see `parseTaskSpec`. */
export interface TaskSpec {
  title: string;
  /** The prompt. */
  description: string;
  type: TaskType;
  run: RunLine | null;
  /** Higher first. The words low, normal, high and urgent stand for -10, 0, 10 and 20. */
  priority: number;
  /** Ids of the tasks that must be done first. */
  needs: string[];
  locks: PathLock[];
  labels: Record<string, string>;
  /** What an AI must be capable of to get this task. */
  capabilities: string[];
  /** The id of the one AI that may do it, or null for any. */
  ai: string | null;
  /** What becomes of it when one of its needs fails or is cancelled: it stays blocked, fails as well, or goes on. */
  onNeedFailure: NeedFailureRule;
  /** Shell lines that must exit with 0 on the finished work. */
  checks: string[];
  maxAttempts: number;
  /** The longest that one attempt may take, in milliseconds; null for the default of whoever executes it. */
  timeoutMs: number | null;
  /** What all its attempts together may use; null for no limit of its own. */
  budget: Budget | null;
  /** Not claimable before this time (ISO 8601). */
  notBefore: string | null;
  idempotencyKey: string | null;
  metadata: JsonObject;
}

export interface LeaseView {
  /** Counts the grants on this task, from 1. A write that carries an older fence has no effect. */
  fence: number;
  holder: string;
  expiresAt: string;
  ttlMs: number;
  heartbeatAt: string;
}

export interface Task extends TaskSpec {
  id: string;
  status: TaskStatus;
  /** How many attempts have been spent or are under way. */
  attempt: number;
  blockedBy: Block[];
  /** Why the last attempt failed, until one succeeds. */
  failure: Failure | null;
  /** Grows with every change. */
  version: number;
  createdAt: string;
  createdBy: string;
  updatedAt: string;
  /** When somebody asked for its running attempt to be stopped and for it to be cancelled. */
  cancelRequestedAt: string | null;
  startedAt: string | null;
  finishedAt: string | null;
  lease: LeaseView | null;
}

/** What only the holder has. `id` is the secret that every later write must carry. */
export interface Lease extends LeaseView {
  id: string;
}

/** Which process executes an attempt, so that another can tell that it is dead. */
export interface Executor {
  host: string;
  boot: string;
  pid: number;
  /** The process's start time in the system's own terms: a pid alone may have been given away again. */
  startTime: string;
}

/** A landing under way: a branch is about to be moved from `old` to `new`. */
export interface LandingIntent {
  ref: string;
  old: string;
  new: string;
}

export type AttemptOutcome = 'succeeded' | 'failed' | 'blocked' | 'released' | 'lost';

export interface Attempt {
  id: string;
  task: string;
  number: number;
  fence: number;
  ai: string | null;
  startedAt: string;
  finishedAt: string | null;
  outcome: AttemptOutcome | null;
  failure: Failure | null;
  landing: LandingIntent | null;
  /** What the executor wants to remember: usage, session, workspace, commit … */
  data: JsonObject;
}

export const PRIORITY_WORDS: Readonly<Record<string, number>> = { low: -10, normal: 0, high: 10, urgent: 20 };
export const DEFAULT_MAX_ATTEMPTS = 3;
/** For holders outside the executor, which sets a shorter one. */
export const DEFAULT_TTL_MS = 30 * 60_000;
export const DEFAULT_HEARTBEAT_MS = 30_000;

export function isTerminal(status: TaskStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled';
}
