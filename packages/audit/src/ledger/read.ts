import { isoTime } from '@signalbox/kernel';
import type { SqlDatabase, SqlValue } from '@signalbox/kernel/sqlite';
import { rangesToSearch } from './blocks.js';
import { type LedgerEntry, parseEntry } from './entry.js';
import { listSegments, readSegment, type Segment, segmentsFolder } from './segment.js';

/** Which entries to read; all given conditions hold at once. */
export interface LedgerFilter {
  /** Only entries with a greater `seq`. Default 0. */
  after?: number;
  /** Only entries with a smaller `seq`: with `newestFirst`, the next page. */
  before?: number;
  /** At most so many, the oldest first (or the newest, see `newestFirst`). Default: all. */
  limit?: number;
  subject?: string;
  /** Exactly this kind; or every kind that begins so, when it ends with `.` or `*`: `task.`, `task.*`. */
  kind?: string;
  /** Entries about this task: their subject is `task/<id>`, or their data names it as `task`. */
  task?: string;
  /** `user:ana`, `ai:codex`, `system` … */
  actor?: string;
  /** Only entries of this time or later, in milliseconds since the epoch. */
  since?: number;
  /** Only entries before this time, in milliseconds since the epoch. */
  until?: number;
  /** The newest first instead of the oldest. Default false. */
  newestFirst?: boolean;
}

/** One line as it is stored. */
export interface LedgerLine {
  seq: number;
  /** Without a newline. */
  line: string;
}

// Read in pages, since an open iterator of SQLite would lock the connection against every write meanwhile.
const PAGE = 512;

/** Entries, from sealed segments and from the table alike. */
export function readEntries(db: SqlDatabase, filter: LedgerFilter, folder?: string): LedgerEntry[] {
  for (let segments = listSegments(db); ; ) {
    const entries = readFrom(db, segments, filter, folder);
    const now = listSegments(db);
    if (now.length === segments.length) return entries;
    segments = now; // rows were sealed meanwhile, and may have been missed or read twice
  }
}

function readFrom(
  db: SqlDatabase,
  segments: readonly Segment[],
  filter: LedgerFilter,
  folder: string | undefined,
): LedgerEntry[] {
  const limit = filter.limit ?? Number.POSITIVE_INFINITY;
  const sealed = segments.filter(
    ({ first, last }) => last > (filter.after ?? 0) && first < (filter.before ?? Number.POSITIVE_INFINITY),
  );
  if (sealed.length === 0) return readRows(db, filter);
  const path = segmentsFolder(db, folder);
  if (!filter.newestFirst) {
    const old = searchSegments(path, sealed, filter, limit);
    return old.length < limit ? [...old, ...readRows(db, { ...filter, limit: limit - old.length })] : old;
  }
  const found = readRows(db, filter);
  for (const segment of sealed.reverse()) {
    if (found.length >= limit) break;
    found.push(...searchSegments(path, [segment], filter, Number.POSITIVE_INFINITY).reverse());
  }
  return found.slice(0, Math.min(limit, found.length));
}

function readRows(db: SqlDatabase, filter: LedgerFilter): LedgerEntry[] {
  const { conditions, values } = conditionsOf(filter);
  const order = filter.newestFirst ? 'DESC' : 'ASC';
  const sql = `SELECT seq, line FROM ledger WHERE ${conditions.join(' AND ')} ORDER BY seq ${order} LIMIT ?`;
  const limit = Math.min(filter.limit ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const ranges = rangesToSearch(db, filter);
  const found: LedgerEntry[] = [];
  for (const { after, upTo } of filter.newestFirst ? ranges.reverse() : ranges) {
    if (found.length >= limit) break;
    for (const row of db.prepare(sql).all(after, upTo, ...values, limit - found.length)) {
      found.push(parseEntry(Number(row['seq']), String(row['line'])));
    }
  }
  return found;
}

function conditionsOf(filter: LedgerFilter): { conditions: string[]; values: SqlValue[] } {
  const conditions = ['seq > ? AND seq <= ?'];
  const values: SqlValue[] = [];
  const where = (sql: string, ...bound: SqlValue[]): void => {
    conditions.push(sql);
    values.push(...bound);
  };
  if (filter.subject !== undefined) where('subject = ?', filter.subject);
  if (filter.task !== undefined) where('(subject = ? OR task = ?)', `task/${filter.task}`, filter.task);
  if (filter.since !== undefined) where('at >= ?', isoTime(filter.since));
  if (filter.until !== undefined) where('at < ?', isoTime(filter.until));
  if (filter.actor !== undefined) where('substr(line, 1, length(?)) = ?', ...twice(actorPrefix(filter.actor)));
  if (filter.kind !== undefined) {
    const prefix = kindPrefix(filter.kind);
    if (prefix === undefined) where('kind = ?', filter.kind);
    else where("kind >= ? AND kind < ? || '{'", prefix, prefix); // '{' sorts after every character of a kind
  }
  return { conditions, values };
}

function searchSegments(
  folder: string,
  segments: readonly Segment[],
  filter: LedgerFilter,
  limit: number,
): LedgerEntry[] {
  const found: LedgerEntry[] = [];
  const mark = filter.kind === undefined ? '' : `"type":"dev.signalbox.${kindPrefix(filter.kind) ?? filter.kind}`;
  for (const segment of segments) {
    for (const { seq, line } of readSegment(folder, segment)) {
      if (found.length >= limit) return found;
      if (!line.includes(mark)) continue;
      const entry = parseEntry(seq, line);
      if (matchesFilter(entry, filter)) found.push(entry);
    }
  }
  return found;
}

/** True if an entry fulfils every condition of the filter. */
export function matchesFilter(entry: LedgerEntry, filter: LedgerFilter): boolean {
  const { seq, subject, kind, actor, time, data } = entry;
  const prefix = filter.kind === undefined ? undefined : kindPrefix(filter.kind);
  return (
    seq > (filter.after ?? 0) &&
    (filter.before === undefined || seq < filter.before) &&
    (filter.subject === undefined || subject === filter.subject) &&
    (filter.task === undefined || subject === `task/${filter.task}` || data['task'] === filter.task) &&
    (filter.actor === undefined || actor === filter.actor) &&
    (filter.since === undefined || time >= isoTime(filter.since)) &&
    (filter.until === undefined || time < isoTime(filter.until)) &&
    (filter.kind === undefined || (prefix === undefined ? kind === filter.kind : kind.startsWith(prefix)))
  );
}

/**
 * Streams the lines with `after < seq`, oldest first. The connection stays free for writes meanwhile, and rows may be sealed
 * meanwhile: what is not in the table is looked for in the segments.
 */
export function* readLines(db: SqlDatabase, after = 0, folder?: string): IterableIterator<LedgerLine> {
  const page = db.prepare('SELECT seq, line FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?');
  for (let last = after; ; ) {
    const rows = page.all(last, PAGE);
    const sealed =
      Number(rows[0]?.['seq']) === last + 1 ? undefined : listSegments(db).find((each) => each.last > last);
    if (sealed) {
      for (const each of readSegment(segmentsFolder(db, folder), sealed)) if (each.seq > last) yield each;
      last = sealed.last;
      continue;
    }
    for (const row of rows) yield { seq: Number(row['seq']), line: String(row['line']) };
    if (rows.length < PAGE) return;
    last = Number(rows.at(-1)?.['seq']);
  }
}

/** The beginning that a kind with a trailing dot or star asks for. */
function kindPrefix(kind: string): string | undefined {
  return /[.*]$/.test(kind) ? kind.replace(/\*$/, '') : undefined;
}

/** What the canonical line of an actor's entry begins with. */
function actorPrefix(actor: string): string {
  return `{"actor":${JSON.stringify(actor)},`;
}

function twice(value: string): [string, string] {
  return [value, value];
}
