import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { AuditError } from '../errors.js';
import { Frontier } from '../merkle/frontier.js';
import { HASH_BYTES } from '../merkle/leaf.js';

/** How far a log has come: the row that every append reads and moves. */
export interface LedgerHead {
  logId: string;
  frontier: Frontier;
  lastLeaf: Uint8Array;
}

/** Reads the head, or returns `undefined` before a log is started. Throws `LEDGER_DAMAGED` if it contradicts itself. */
export function readHead(db: SqlDatabase): LedgerHead | undefined {
  const row = db.prepare('SELECT log_id, size, frontier, last_leaf FROM ledger_head').get();
  if (!row) return undefined;
  const lastLeaf = row['last_leaf'] as Uint8Array;
  const frontier = Frontier.parse(Number(row['size']), row['frontier'] as Uint8Array);
  if (!frontier || lastLeaf.length !== HASH_BYTES) {
    throw new AuditError({
      code: 'LEDGER_DAMAGED',
      message: 'The head of the ledger contradicts itself.',
      hint: 'Something else wrote to the database; restore a backup and compare the two with `signalbox audit verify`.',
    });
  }
  return { logId: String(row['log_id']), frontier, lastLeaf };
}

/** Stores the head of a log that has none. */
export function insertHead(db: SqlDatabase, head: LedgerHead): void {
  db.prepare('INSERT INTO ledger_head (only, log_id, size, frontier, last_leaf) VALUES (1, ?, ?, ?, ?)').run(
    head.logId,
    head.frontier.size,
    head.frontier.toBytes(),
    head.lastLeaf,
  );
}

/** Where a log stood: the last leaf stands for the whole chain before it. */
export interface HeadMark {
  size: number;
  lastLeaf: Uint8Array;
}

/** Moves the head of the log from where it was. Returns false if it is not there: then nothing is changed. */
export function moveHead(db: SqlDatabase, from: HeadMark, to: LedgerHead): boolean {
  const { changes } = db
    .prepare('UPDATE ledger_head SET size = ?, frontier = ?, last_leaf = ? WHERE size = ? AND last_leaf = ?')
    .run(to.frontier.size, to.frontier.toBytes(), to.lastLeaf, from.size, from.lastLeaf);
  return Number(changes) === 1;
}
