import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { AuditError } from '../errors.js';
import type { LedgerEntry } from './entry.js';
import type { Ledger } from './ledger.js';

export interface CursorBatch {
  entries: LedgerEntry[];
  /** What to commit once the entries are dealt with; greater than the last entry's `seq` if later ones did not match. */
  next: number;
}

/**
 * Named places in the ledger, for whoever reacts to entries. A reactor reads, does its work and commits how far it has come
 * in the transaction of that work. After a crash it reads again what it had not committed: every entry comes at least once.
 */
export interface Cursors {
  /** `seq` up to which `name` has committed; 0 for a new name. */
  position(name: string): number;
  /** The next entries for `name`, oldest first, at most `limit`; with `kind` as in `LedgerFilter` only those. */
  read(name: string, limit: number, kind?: string): CursorBatch;
  /**
   * Moves `name` to `seq` inside the caller's transaction. A smaller `seq` changes nothing, since another process of the same
   * name may have come further. Throws `CURSOR_INVALID` beyond the end of the ledger, `FOREIGN_TRANSACTION`.
   */
  commit(name: string, seq: number, transaction: SqlDatabase): void;
  /** Sets `name` to any `seq` from 0 to the end, also back, so that entries are read again. Throws `CURSOR_INVALID`. */
  reset(name: string, seq: number): void;
  /** Every name and its position. */
  list(): { name: string; seq: number }[];
  /** Forgets a name. */
  remove(name: string): void;
}

/** Opens the cursors of a ledger. `db` is the ledger's own connection. */
export function openCursors(db: SqlDatabase, ledger: Pick<Ledger, 'read' | 'head'>): Cursors {
  const position = (name: string): number =>
    Number(db.prepare('SELECT seq FROM ledger_cursor WHERE name = ?').get(name)?.['seq'] ?? 0);
  const check = (name: string, seq: number): void => {
    const { size } = ledger.head();
    if (name === '') throw invalid('A cursor needs a name');
    if (!Number.isSafeInteger(seq) || seq < 0 || seq > size)
      throw invalid(`The cursor ${name} cannot be at ${seq}: the ledger has ${size} entries`);
  };
  const upsert = (name: string, seq: number, merge: string): void =>
    void db
      .prepare(`INSERT INTO ledger_cursor (name, seq) VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = ${merge}`)
      .run(name, seq);
  return {
    position,
    read(name, limit, kind) {
      if (!Number.isSafeInteger(limit) || limit < 1) throw invalid(`A limit of ${limit} reads nothing`);
      const after = position(name);
      // Read before the entries: what is appended in between is then left for the next time.
      const { size } = ledger.head();
      const entries = ledger.read({ after, before: size + 1, limit, ...(kind === undefined ? {} : { kind }) });
      const next = entries.length < limit ? size : (entries.at(-1)?.seq ?? size);
      return { entries, next };
    },
    commit(name, seq, transaction) {
      if (transaction !== db) throw foreign(name);
      check(name, seq);
      upsert(name, seq, 'max(seq, excluded.seq)');
    },
    reset(name, seq) {
      check(name, seq);
      upsert(name, seq, 'excluded.seq');
    },
    list: () =>
      db
        .prepare('SELECT name, seq FROM ledger_cursor ORDER BY name')
        .all()
        .map((row) => ({ name: String(row['name']), seq: Number(row['seq']) })),
    remove: (name) => void db.prepare('DELETE FROM ledger_cursor WHERE name = ?').run(name),
  };
}

function foreign(name: string): AuditError {
  return new AuditError({
    code: 'FOREIGN_TRANSACTION',
    message: `The cursor ${name} was given a transaction of another connection.`,
    hint: 'Commit a cursor on the connection that the work is done on.',
  });
}

function invalid(what: string): AuditError {
  return new AuditError({
    code: 'CURSOR_INVALID',
    message: `${what}.`,
    hint: 'Commit what `read` returned as `next`.',
  });
}
