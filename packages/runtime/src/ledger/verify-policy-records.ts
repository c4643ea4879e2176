import type { Finding, Ledger, LedgerEntry } from '@signalbox/audit';
import { canonicalJson, digestOf, type JsonObject } from '@signalbox/kernel';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { parseRecord } from './parse-record.js';

/** What the last entry about an approval or an override states of it. */
const APPROVAL_FIELDS = [
  ...['state', 'digest', 'decision', 'requester', 'task', 'what', 'rules', 'approvers', 'authors', 'requestedAt'],
  ...['expiresAt', 'answer', 'usedFor', 'requestDigest', 'exactlyDigest'],
];
const OVERRIDE_FIELDS = ['rule', 'effect', 'ai', 'task', 'label', 'reason', 'by', 'createdAt', 'expiresAt', 'revoked'];

/**
 * Holds what persons have decided against the entries: by these tables something is allowed that policy asks about or denies. Returns
 * the first difference.
 */
export function checkPolicyRecords(db: SqlDatabase, ledger: Pick<Ledger, 'read'>): Finding | undefined {
  return checkApprovals(db, ledger) ?? checkOverrides(db, ledger);
}

function checkApprovals(db: SqlDatabase, ledger: Pick<Ledger, 'read'>): Finding | undefined {
  const rows = db.prepare('SELECT id, digest, task, state, record FROM approval ORDER BY number').all();
  const approvals = rows.map((row): Row => {
    const record = parseRecord(String(row['record']));
    const requestDigest = digestOf(record['request'] ?? null);
    return {
      noun: 'approval',
      id: String(row['id']),
      columns: { id: row['id'], digest: row['digest'], task: row['task'], state: row['state'] } as JsonObject,
      record: { ...record, requestDigest, exactlyDigest: digestOf(record['exactly'] ?? null) },
    };
  });
  const entries = ledger.read({ kind: 'approval.' });
  return compare(approvals, APPROVAL_FIELDS, entries) ?? compareOrder(approvals, entries);
}

/** Of several about one question the newest counts, so they must stand in the order in which they were asked. */
function compareOrder(approvals: readonly Row[], entries: readonly LedgerEntry[]): Finding | undefined {
  const asked = entries.filter(({ kind }) => kind === 'approval.requested');
  const index = asked.findIndex(({ data }, place) => data['id'] !== approvals[place]?.id);
  const entry = asked[index];
  if (!entry) return undefined;
  const reason = `The approvals stand in another order than that in which entry ${entry.seq} and those after it asked for them.`;
  return { kind: 'reordered', firstBad: entry.seq, reason };
}

function checkOverrides(db: SqlDatabase, ledger: Pick<Ledger, 'read'>): Finding | undefined {
  const rows = db.prepare('SELECT id, revoked, record FROM policy_override ORDER BY number').all();
  const overrides = rows.map((row): Row => {
    const record = parseRecord(String(row['record']));
    const isRevoked = record['revoked'] !== null && record['revoked'] !== undefined;
    return {
      noun: 'override',
      id: String(row['id']),
      columns: { id: row['id'], isRevoked: Number(row['revoked']) === 1 } as JsonObject,
      record: { ...record, isRevoked },
    };
  });
  return compare(overrides, OVERRIDE_FIELDS, ledger.read({ kind: 'policy.override*' }));
}

interface Row {
  noun: string;
  id: string;
  /** What stands beside the record, to be found by. */
  columns: JsonObject;
  record: JsonObject;
}

function compare(
  rows: readonly Row[],
  fields: readonly string[],
  entries: readonly LedgerEntry[],
): Finding | undefined {
  const stated = new Map(entries.map((entry) => [String(entry.data['id']), entry]));
  for (const { noun, id, columns, record } of rows) {
    const entry = stated.get(id);
    if (!entry) return { kind: 'edited', reason: `The ${noun} ${id} was recorded by no entry.` };
    stated.delete(id);
    const isSame = (name: string, one: JsonObject, other: JsonObject) =>
      canonicalJson(one[name] ?? null) === canonicalJson(other[name] ?? null);
    const field =
      fields.find((name) => !isSame(name, record, entry.data)) ??
      Object.keys(columns).find((name) => !isSame(name, columns, record));
    if (field === undefined) continue;
    const reason = `The ${noun} ${id} has another ${field} than entry ${entry.seq}, the last about it, recorded.`;
    return { kind: 'edited', firstBad: entry.seq, reason };
  }
  const [gone] = stated.values();
  if (!gone) return undefined;
  return { kind: 'missing', firstBad: gone.seq, reason: `What entry ${gone.seq} recorded is no longer there.` };
}
