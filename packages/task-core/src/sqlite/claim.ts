import { isoTime, randomToken, sha256 } from '@signalbox/kernel';
import type { SqlDatabase, SqlRow } from '@signalbox/kernel/sqlite';
import type { ClaimOutcome, ClaimRequest } from '../store.js';
import type { Lease, Task } from '../task.js';
import { assertTtl } from './lease.js';
import { findConflicts, parkOnLocks, takeLocks } from './path-locks.js';
import { reapExpired } from './reap.js';
import { findRow, mustFindTask, toTask } from './rows.js';

export function claimTask(db: SqlDatabase, request: ClaimRequest, now: number): ClaimOutcome {
  assertTtl(request.ttlMs);
  const expired = reapExpired(db, now);
  promoteDelayed(db, now);
  if (request.task !== undefined) return { ...claimOne(db, request.task, request, now), expired };
  const parked: Task[] = [];
  for (;;) {
    const head = db.prepare('SELECT id FROM task WHERE ready = 1 ORDER BY priority DESC, seq LIMIT 1').get();
    if (!head) return { status: 'empty', expired, parked };
    const outcome = claimOne(db, String(head['id']), { ...request, park: true }, now);
    parked.push(...outcome.parked);
    if (outcome.status !== 'locked') return { ...outcome, expired, parked };
  }
}

/** Moves delayed tasks whose time has come into the ready index. */
export function promoteDelayed(db: SqlDatabase, now: number): void {
  // Left to itself the planner takes task_status and visits every queued task: 34 ms at 100,000 instead of next to nothing.
  db.prepare(
    "UPDATE task INDEXED BY task_delayed SET ready = 1 WHERE status = 'queued' AND ready = 0 AND not_before <= ?",
  ).run(now);
}

function claimOne(db: SqlDatabase, id: string, request: ClaimRequest, now: number): ClaimOutcome {
  const none = { expired: [], parked: [] };
  const row = findRow(db, id);
  if (!row) return { status: 'not_found', id, ...none };
  const task = toTask(db, row);
  if (request.expectedVersion !== undefined && request.expectedVersion !== task.version) {
    return { status: 'stale', task, ...none };
  }
  const refusal = refusalOf(task, row, request);
  if (refusal) return { status: refusal, task, ...none };
  const conflicts = findConflicts(db, id, task.locks);
  if (conflicts.length > 0) {
    if (!request.park) return { status: 'locked', task, conflicts, ...none };
    parkOnLocks(db, id, conflicts, now);
    const parked = mustFindTask(db, id);
    return { status: 'locked', task: parked, conflicts, expired: [], parked: [parked] };
  }
  return { status: 'claimed', ...grant(db, row, request, now), ...none };
}

function refusalOf(
  task: Task,
  row: SqlRow,
  request: ClaimRequest,
): 'taken' | 'blocked' | 'finished' | 'delayed' | null {
  switch (task.status) {
    case 'queued':
      return row['ready'] === 0 && !request.ignoreNotBefore ? 'delayed' : null;
    case 'claimed':
    case 'running':
      return 'taken';
    case 'blocked':
      return 'blocked';
    default:
      return 'finished';
  }
}

function grant(db: SqlDatabase, row: SqlRow, request: ClaimRequest, now: number): { task: Task; lease: Lease } {
  const id = String(row['id']);
  const secret = randomToken('lse');
  db.prepare(
    `UPDATE task SET status = 'claimed', ready = 0, fence = fence + 1, lease_digest = ?, lease_holder = ?,
       lease_ttl = ?, lease_expires = ?, lease_heartbeat = ?, executor = ?, version = version + 1, updated_at = ?
     WHERE id = ?`,
  ).run(
    sha256(secret),
    request.holder,
    request.ttlMs,
    now + request.ttlMs,
    now,
    request.executor ? JSON.stringify(request.executor) : null,
    now,
    id,
  );
  const task = mustFindTask(db, id);
  takeLocks(db, id, task.locks);
  const fence = Number(row['fence']) + 1;
  const view = { fence, holder: request.holder, ttlMs: request.ttlMs };
  return { task, lease: { id: secret, ...view, expiresAt: isoTime(now + request.ttlMs), heartbeatAt: isoTime(now) } };
}
