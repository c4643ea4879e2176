import type { Finding, Ledger, LedgerEntry } from '@signalbox/audit';
import { canonicalJson } from '@signalbox/kernel';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { parseRecord } from './parse-record.js';

/** What an entry about an AI states of it; its status changes without one. */
const FIELDS = ['connector', 'labels', 'capabilities', 'maxConcurrent', 'config'] as const;

/**
 * Holds the table of AIs against the entries: what is in it is run. Each AI is as the last entry about it states. Returns the
 * first difference.
 */
export function checkAIs(db: SqlDatabase, ledger: Pick<Ledger, 'read'>): Finding | undefined {
  const stated = new Map<string, LedgerEntry>();
  for (const entry of ledger.read({ kind: 'ai.' })) {
    if (entry.kind === 'ai.removed') stated.delete(String(entry.data['id']));
    else if (entry.data['config'] !== undefined) stated.set(String(entry.data['id']), entry);
  }
  for (const row of db.prepare('SELECT id, instance FROM ai ORDER BY id').all()) {
    const id = String(row['id']);
    const entry = stated.get(id);
    if (!entry) return { kind: 'edited', reason: `The AI ${id} was recorded by no entry.` };
    const instance = parseRecord(String(row['instance']));
    const field = FIELDS.find(
      (name) => canonicalJson(instance[name] ?? null) !== canonicalJson(entry.data[name] ?? null),
    );
    if (field === undefined) continue;
    const reason = `The AI ${id} has another ${field} than entry ${entry.seq}, the last about it, recorded.`;
    return { kind: 'edited', firstBad: entry.seq, reason };
  }
  return undefined;
}
