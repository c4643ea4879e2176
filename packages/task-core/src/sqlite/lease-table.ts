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
    renewLeases(renewals, now) {
      const given = JSON.stringify(renewals.map(({ task, digest, ttlMs }) => [task, digest, ttlMs]));
      const rows = db.prepare(RENEW).all(now, now, given);
      // A time that is shorter than before, or a clock that went back, brings the next look forward.
      if (rows.some((row) => Number(row['expires']) < Number(row['check_at']))) {
        db.prepare('UPDATE lease SET check_at = expires WHERE expires < check_at').run();
      }
      const renewed = new Map(rows.map((row) => [row['task'] as string, row]));
      return renewals.map((renewal) => answer(renewal, renewed.get(renewal.task)));
    },
  };
}

const RENEW = `
  UPDATE lease SET heartbeat = ?, expires = ? + coalesce(given.ttl, lease.ttl), ttl = coalesce(given.ttl, lease.ttl)
  FROM (SELECT value ->> 0 AS task, value ->> 1 AS digest, value ->> 2 AS ttl FROM json_each(?)) AS given
  WHERE lease.task = given.task AND lease.digest = given.digest
  RETURNING lease.task, lease.digest, lease.expires, lease.check_at, lease.cancel_at`;

function answer({ digest }: Renewal, row: SqlRow | undefined): Renewed | null {
  if (row?.['digest'] !== digest) return null;
  return { expiresAt: row['expires'] as number, cancelAt: row['cancel_at'] as number | null };
}

export function toHeldRecord(db: SqlDatabase, row: SqlRow): TaskRecord {
  const held = row['status'] === 'claimed' || row['status'] === 'running';
  const lease = held ? db.prepare('SELECT * FROM lease WHERE task = ?').get(row['id'] as string) : undefined;
  return toRecord(row, lease ? toLeaseRecord(lease) : null);
}
