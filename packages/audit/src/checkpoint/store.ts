import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { AuditError } from '../errors.js';
import { parseCheckpoint } from './checkpoint.js';

/**
 * Keeps a checkpoint beside the ledger. A second one of the same size replaces the first if both state the same root.
 * Throws `CHECKPOINT_INVALID`, or `CHECKPOINT_CONFLICT` if the roots differ. Needs a database that `openLedger` has seen.
 */
export function storeCheckpoint(db: SqlDatabase, note: string): void {
  const { size, root } = parseCheckpoint(note);
  const known = db.prepare('SELECT note FROM ledger_checkpoint WHERE size = ?').get(size)?.['note'];
  if (known !== undefined && parseCheckpoint(String(known)).root !== root) {
    throw new AuditError({
      code: 'CHECKPOINT_CONFLICT',
      message: `Another checkpoint over ${size} entries states another root.`,
      hint: 'The log has forked or was rewritten: run `signalbox audit verify`.',
      details: { size },
    });
  }
  db.prepare(
    'INSERT INTO ledger_checkpoint (size, note) VALUES (?, ?) ON CONFLICT DO UPDATE SET note = excluded.note',
  ).run(size, note);
}

/** Every stored checkpoint, by size. */
export function checkpoints(db: SqlDatabase): string[] {
  return db
    .prepare('SELECT note FROM ledger_checkpoint ORDER BY size')
    .all()
    .map((row) => String(row['note']));
}
