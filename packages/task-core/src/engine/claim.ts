import { isoTime, randomToken, sha256 } from '@signalbox/kernel';
import type { RetryPolicy } from '../retry.js';
import type { ClaimManyOutcome, ClaimOutcome, ClaimRequest, FanOutOutcome, Granted, LockConflict } from '../store.js';
import type { Task } from '../task.js';
import { assertTtl, begin, openAttempt } from './hold.js';
import { findConflicts, parkOnLocks, takeLocks } from './path-locks.js';
import { isReady, put } from './put.js';
import { reapExpired } from './reap.js';
import type { TaskRecord } from './record.js';
import type { Tables } from './tables.js';
import { toTask } from './view.js';
import { fanOut } from './wake.js';

/** How many losers one transaction parks before it lets other writers in. */
const MAX_PARKED = 64;

const NONE = { expired: [], parked: [] };

/** `more` says that losers were parked or leases ended, and the search has to go on in another transaction. */
export type ClaimStep = ClaimOutcome & { more?: boolean };

export interface ClaimContext {
  now: number;
  policy: RetryPolicy;
  /** An id for an attempt. */
  newId(): string;
  /** Takes note of who was told something that is not part of the outcome. */
  tell(told: FanOutOutcome): void;
  /** Looks at those whose time has come. */
  wakeDue(): void;
  /**
   * Tells the next part of an event that a process left half told, and returns whether there was one: what is ready because
   * of it must not be missed.
   */
  tellMore(): boolean;
}

export function claimTask(tables: Tables, request: ClaimRequest, at: ClaimContext): ClaimStep {
  const { now } = at;
  assertTtl(request.ttlMs);
  const due = tables.due(now);
  const expired = due.leases ? reapExpired(tables, at) : [];
  if (due.wakes) at.wakeDue();
  // The named task, or a lock in its way, may be among those whose lease has run out.
  if (request.task !== undefined && expired.length > 0 && tables.due(now).leases) {
    return { status: 'empty', expired, parked: [], more: true };
  }
  if (request.task !== undefined) return { ...claimOne(tables, request.task, request, at), expired };
  const parked: Task[] = [];
  while (parked.length < MAX_PARKED) {
    const head = tables.firstReady();
    if (!head) {
      if (at.tellMore() || wakeMore(tables, at)) continue;
      return { status: 'empty', expired, parked };
    }
    const conflicts = findConflicts(tables, head.id, head.spec.locks);
    if (conflicts.length === 0) return { status: 'claimed', ...grant(tables, head, request, at), expired, parked };
    parked.push(park(tables, head, conflicts, at));
  }
  return { status: 'empty', expired, parked, more: true };
}

/** A first part of those that are due may have had nobody in it whom nothing else holds up. */
function wakeMore(tables: Tables, at: ClaimContext): boolean {
  if (!tables.due(at.now).wakes) return false;
  at.wakeDue();
  return true;
}

/** Takes up to `count` tasks as one claim after the other would. */
export function claimMany(
  tables: Tables,
  request: ClaimRequest,
  count: number,
  at: ClaimContext,
): ClaimManyOutcome & { more: boolean } {
  const outcome = { claimed: [] as Granted[], expired: [] as Task[], parked: [] as Task[], more: false };
  while (outcome.claimed.length < Math.min(Math.max(count, 1), 1_000)) {
    const step = claimTask(tables, request, at);
    outcome.expired.push(...step.expired);
    outcome.parked.push(...step.parked);
    if (step.status !== 'claimed') {
      outcome.more = step.more === true;
      break;
    }
    const { task, lease, attempt } = step;
    outcome.claimed.push({ task, lease, ...(attempt ? { attempt } : {}) });
  }
  return outcome;
}

function claimOne(tables: Tables, id: string, request: ClaimRequest, at: ClaimContext): ClaimOutcome {
  const { now } = at;
  const record = tables.findTask(id);
  if (!record) return { status: 'not_found', id, ...NONE };
  if (request.expectedVersion !== undefined && request.expectedVersion !== record.version) {
    return { status: 'stale', task: toTask(tables, record), ...NONE };
  }
  const refusal = refusalOf(tables, record, request, now);
  if (refusal) return { status: refusal, task: toTask(tables, record), ...NONE };
  const conflicts = findConflicts(tables, id, record.spec.locks);
  if (conflicts.length === 0) {
    tables.dropWaits(id);
    return { status: 'claimed', ...grant(tables, record, request, at), ...NONE };
  }
  if (!request.park) return { status: 'locked', task: toTask(tables, record), conflicts, ...NONE };
  tables.dropWaits(id);
  const parked = park(tables, record, conflicts, at);
  return { status: 'locked', task: parked, conflicts, expired: [], parked: [parked] };
}

/** Those that were to come after it in line need not wait for one that waits itself. */
function park(tables: Tables, record: TaskRecord, conflicts: readonly LockConflict[], at: ClaimContext): Task {
  const parked = parkOnLocks(tables, record, conflicts, at.now);
  if (tables.awaited(record.id).locks) at.tell(fanOut(tables, 'lock', record.id, at.now));
  return parked;
}

function refusalOf(
  tables: Tables,
  record: TaskRecord,
  request: ClaimRequest,
  now: number,
): 'taken' | 'blocked' | 'finished' | 'delayed' | null {
  switch (record.status) {
    case 'queued':
      return isReady(record, now) || request.ignoreNotBefore ? null : 'delayed';
    case 'claimed':
    case 'running':
      return 'taken';
    case 'blocked': {
      // Who waits for nothing but locks may find them free: the one who was to have them before has not come.
      const waitsOnly = record.unmet === 0 && record.blocks.length === 0 && tables.waitsOf(record.id).length > 0;
      return waitsOnly && isReady({ ...record, status: 'queued' }, now) ? null : 'blocked';
    }
    default:
      return 'finished';
  }
}

function grant(tables: Tables, record: TaskRecord, request: ClaimRequest, at: ClaimContext): Granted {
  const { now } = at;
  const secret = randomToken('lse');
  const { holder, ttlMs } = request;
  record.status = 'claimed';
  record.fence += 1;
  record.lease = {
    ...{ digest: sha256(secret), holder, ttlMs, expiresAt: now + ttlMs, heartbeatAt: now, cancelAt: null },
    executor: request.executor ?? null,
  };
  tables.saveLease(record);
  if (request.start) begin(record, now);
  put(tables, record, now);
  takeLocks(tables, record.id, record.spec.locks);
  const attempt = request.start && openAttempt(tables, record, { id: at.newId(), ...request.start }, now);
  const times = { expiresAt: isoTime(now + ttlMs), heartbeatAt: isoTime(now) };
  const lease = { id: secret, fence: record.fence, holder, ttlMs, ...times };
  return { task: toTask(tables, record), lease, ...(attempt ? { attempt } : {}) };
}
