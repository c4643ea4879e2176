import type { SqlDatabase, SqlValue } from '@signalbox/kernel/sqlite';
import { type LedgerEntry, parseEntry } from './entry.js';

/** Which entries to read; all given conditions hold at once. */
export interface LedgerFilter {
  /** Only entries with a greater `seq`. Default 0. */
  after?: number;
  /** At most so many, the oldest first. Default: all. */
  limit?: number;
  subject?: string;
  /** Exactly this kind; or every kind that begins so, when it ends with `.` or `*`: `task.`, `task.*`. */
  kind?: string;
  /** Entries about this task: their subject is `task/<id>`, or their data names it as `task`. */
  task?: string;
}

/** One line as it is stored. */
export interface LedgerLine {
  seq: number;
  /** Without a newline. */
  line: string;
}

// Read in pages, since an open iterator of SQLite would lock the connection against every write meanwhile.
const PAGE = 512;

export function readEntries(db: SqlDatabase, filter: LedgerFilter): LedgerEntry[] {
  const conditions = ['seq > ?'];
  const values: SqlValue[] = [filter.after ?? 0];
  const where = (sql: string, ...bound: SqlValue[]): void => {
    conditions.push(sql);
    values.push(...bound);
  };
  if (filter.subject !== undefined) where('subject = ?', filter.subject);
  if (filter.task !== undefined) where('(subject = ? OR task = ?)', `task/${filter.task}`, filter.task);
  if (filter.kind !== undefined) {
    const prefix = /[.*]$/.test(filter.kind) ? filter.kind.replace(/\*$/, '') : undefined;
    if (prefix === undefined) where('kind = ?', filter.kind);
    else where("kind >= ? AND kind < ? || '{'", prefix, prefix); // '{' sorts after every character of a kind
  }
  const sql = `SELECT seq, line FROM ledger WHERE ${conditions.join(' AND ')} ORDER BY seq LIMIT ?`;
  const rows = db.prepare(sql).all(...values, filter.limit ?? -1);
  return rows.map((row) => parseEntry(Number(row['seq']), String(row['line'])));
}

/** Streams the stored lines with `after < seq <= upTo`, oldest first. The connection stays free for writes meanwhile. */
export function* readLines(db: SqlDatabase, after = 0, upTo = Number.MAX_SAFE_INTEGER): IterableIterator<LedgerLine> {
  const page = db.prepare('SELECT seq, line FROM ledger WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?');
  for (let last = after; ; ) {
    const rows = page.all(last, upTo, PAGE);
    for (const row of rows) yield { seq: Number(row['seq']), line: String(row['line']) };
    if (rows.length < PAGE) return;
    last = Number(rows.at(-1)?.['seq']);
  }
}
