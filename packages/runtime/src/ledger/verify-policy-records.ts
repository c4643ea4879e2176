import type { Finding, Ledger, LedgerEntry } from '@signalbox/audit';
import { canonicalJson, type JsonObject } from '@signalbox/kernel';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';

/** What the entries about an approval state of it. Its use, and that nothing came of one, is told by outcomes. */
const APPROVAL_FIELDS = ['digest', 'requester', 'task', 'what', 'rules', 'approvers', 'authors', 'answer'] as const;
const OVERRIDE_FIELDS = ['rule', 'effect', 'ai', 'task', 'label', 'reason', 'by', 'expiresAt'] as const;

/** States that an approval can be in after the last entry about it. */
const STATES_AFTER: Readonly<Record<string, readonly string[]>> = {
  'approval.requested': ['waiting'],
  'approval.expired': ['expired'],
  'approval.answered': ['approved', 'rejected', 'used'],
};

/**
 * Holds what persons have decided against the entries: by these tables something is allowed that policy asks about or denies. Returns
 * the first difference.
 */
export function checkPolicyRecords(db: SqlDatabase, ledger: Pick<Ledger, 'read'>): Finding | undefined {
  return checkApprovals(db, ledger) ?? checkOverrides(db, ledger);
}

function checkApprovals(db: SqlDatabase, ledger: Pick<Ledger, 'read'>): Finding | undefined {
  const stated = lastById(ledger.read({ kind: 'approval.' }));
  for (const row of rowsOf(db, 'approval')) {
    const entry = stated.get(row.id);
    if (!entry) return { kind: 'edited', reason: `The approval ${row.id} was recorded by no entry.` };
    const found = difference('approval', APPROVAL_FIELDS, row, entry);
    if (found) return found;
    if (row.column !== row.record['state'] || !STATES_AFTER[entry.kind]?.includes(row.column)) {
      return edited(
        entry,
        `The approval ${row.id} is in another state than entry ${entry.seq}, the last about it, left it.`,
      );
    }
  }
  return undefined;
}

function checkOverrides(db: SqlDatabase, ledger: Pick<Ledger, 'read'>): Finding | undefined {
  const stated = lastById(ledger.read({ kind: 'policy.override*' }));
  for (const row of rowsOf(db, 'policy_override')) {
    const entry = stated.get(row.id);
    if (!entry) return { kind: 'edited', reason: `The override ${row.id} was recorded by no entry.` };
    const found = difference('override', OVERRIDE_FIELDS, row, entry);
    if (found) return found;
    const isRevoked = entry.kind === 'policy.override_revoked';
    if ((row.column === '1') !== isRevoked || (row.record['revoked'] !== null) !== isRevoked) {
      const left = isRevoked ? 'was revoked' : 'was not revoked';
      return edited(entry, `The override ${row.id} ${left} by entry ${entry.seq}, and the table says otherwise.`);
    }
  }
  return undefined;
}

interface Row {
  id: string;
  /** The column beside the record that says where it stands. */
  column: string;
  record: JsonObject;
}

function rowsOf(db: SqlDatabase, table: 'approval' | 'policy_override'): Row[] {
  const column = table === 'approval' ? 'state' : 'revoked';
  return db
    .prepare(`SELECT id, ${column} AS standing, record FROM ${table} ORDER BY number`)
    .all()
    .map((row) => ({ id: String(row['id']), column: String(row['standing']), record: parse(String(row['record'])) }));
}

function parse(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return {};
  }
}

function lastById(entries: readonly LedgerEntry[]): Map<string, LedgerEntry> {
  return new Map(entries.map((entry) => [String(entry.data['id']), entry]));
}

function difference(noun: string, fields: readonly string[], row: Row, entry: LedgerEntry): Finding | undefined {
  const field = fields.find(
    (name) => canonicalJson(row.record[name] ?? null) !== canonicalJson(entry.data[name] ?? null),
  );
  if (field === undefined) return undefined;
  return edited(
    entry,
    `The ${noun} ${row.id} has another ${field} than entry ${entry.seq}, the last about it, recorded.`,
  );
}

function edited(entry: LedgerEntry, reason: string): Finding {
  return { kind: 'edited', firstBad: entry.seq, reason };
}
