import type { SqlDatabase, SqlRow } from '@signalbox/kernel/sqlite';
import type { TaskRecord } from '../engine/record.js';
import type { Renewal, Renewed, Tables } from '../engine/tables.js';
import { json, toLeaseRecord, toRecord } from './rows.js';

type LeaseTable = Pick<Tables, 'saveLease' | 'dropLease' | 'expiredTasks' | 'renewLeases'>;

/**
 * Leases lie apart from their tasks, in narrow rows, since they are written most often. `check_at` is when to look whether
 * one has run out: a renewal leaves it behind, so that it costs no write to the index.
 */
export function createLeaseTable(db: SqlDatabase): LeaseTable {
  // When the clock goes back, a renewal ends before the next look. What it showed before this process is not known.
  let latest = Number.POSITIVE_INFINITY;
  return {
    saveLease({ id, lease }) {
      if (!lease) return;
      const { digest, holder, ttlMs, expiresAt, heartbeatAt, cancelAt, executor } = lease;
      db.prepare(
        `INSERT OR REPLACE INTO lease (task, digest, holder, ttl, expires, heartbeat, check_at, cancel_at, executor)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(id, digest, holder, ttlMs, expiresAt, heartbeatAt, expiresAt, cancelAt, json(executor));
    },
    dropLease: (task) => void db.prepare('DELETE FROM lease WHERE task = ?').run(task),
    expiredTasks(now, limit) {
      db.prepare('UPDATE lease SET check_at = expires WHERE check_at <= ? AND expires > ?').run(now, now);
      return db
        .prepare(
          'SELECT task.* FROM lease JOIN task ON task.id = lease.task WHERE check_at <= ? ORDER BY expires, seq LIMIT ?',
        )
        .all(now, limit)
        .map((row) => toHeldRecord(db, row));
    },
    // One statement a lease: a single UPDATE … FROM json_each(?) RETURNING … takes twice as long for a thousand.
    renewLeases(renewals, now) {
      const renewed = renewals.map((renewal) => renewOne(db, renewal, now));
      if (now < latest) db.prepare('UPDATE lease SET check_at = expires WHERE expires < check_at').run();
      latest = now;
      return renewed;
    },
  };
}

const RENEW = 'UPDATE lease SET heartbeat = ?, expires = ? + ttl WHERE task = ? AND digest = ?';
const RENEW_UNLESS_CANCELLED = `${RENEW} AND cancel_at IS NULL`;
// A time that is shorter than before brings the next look forward.
const RENEW_FOR = `UPDATE lease SET heartbeat = ?, ttl = ?, expires = ?, check_at = min(check_at, ?)
  WHERE task = ? AND digest = ?`;

function renewOne(db: SqlDatabase, { task, digest, ttlMs }: Renewal, now: number): Renewed {
  if (ttlMs === null) {
    // Nearly always it is renewed and nobody wants anything, which one statement can tell.
    const { changes } = db.prepare(RENEW_UNLESS_CANCELLED).run(now, now, task, digest);
    if (Number(changes) > 0) return 'renewed';
    return Number(db.prepare(RENEW).run(now, now, task, digest).changes) > 0 ? 'cancel' : 'lost';
  }
  const expires = now + ttlMs;
  const { changes } = db.prepare(RENEW_FOR).run(now, ttlMs, expires, expires, task, digest);
  if (Number(changes) === 0) return 'lost';
  const row = db.prepare('SELECT cancel_at FROM lease WHERE task = ?').get(task);
  return row?.['cancel_at'] === null ? 'renewed' : 'cancel';
}

export function toHeldRecord(db: SqlDatabase, row: SqlRow): TaskRecord {
  const held = row['status'] === 'claimed' || row['status'] === 'running';
  const lease = held ? db.prepare('SELECT * FROM lease WHERE task = ?').get(row['id'] as string) : undefined;
  return toRecord(row, lease ? toLeaseRecord(lease) : null);
}
