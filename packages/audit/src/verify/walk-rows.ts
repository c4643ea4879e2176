import { isUtf8 } from 'node:buffer';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { BlockCheck } from '../ledger/blocks.js';
import { parseObject } from '../ledger/entry.js';
import type { LineToVerify } from './link.js';
import type { Walk } from './walk.js';

/** How many rows one statement joins, and about how many bytes it may give. */
const MAX_ROWS = 256;
const MAX_BYTES = 1024 * 1024;

// Many rows joined into one value cost a quarter of what they cost one by one. Each line has a newline before it, and after it
// its columns as `Walk.pass` takes them.
const BATCH = `SELECT count(*) AS n, max(seq) AS last, CAST(group_concat(
    char(10) || line || char(10) || kind || char(10) || subject || char(10) || ifnull(task, char(11)), '') AS BLOB) AS lines
  FROM (SELECT seq, line, kind, subject, task FROM ledger WHERE seq > ? AND seq <= ? ORDER BY seq)`;
const ROWS = 'SELECT seq, kind, subject, task, line FROM ledger WHERE seq > ? AND seq <= ? ORDER BY seq';

/** How far before its kind the time of a canonical line begins. */
const TIME_BEFORE_KIND = '2026-01-01T00:00:00.000Z","type":"dev.signalbox.'.length;

/** Takes the rows of the ledger into the walk. With `strays`, rows that should not be there, before the walk's place, too. */
export function walkRows(db: SqlDatabase, walk: Walk, strays: boolean): void {
  let last = walk.entries;
  const blocks = new BlockCheck(db);
  if (strays && hasStrays(db, last)) {
    walkSlowly(db, walk, blocks, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    return;
  }
  for (let rows = 16; walk.isWell; ) {
    const batch = db.prepare(BATCH).get(last, last + rows);
    const count = Number(batch?.['n']);
    if (count === 0) break;
    const lines = toBuffer(batch?.['lines'] as Uint8Array);
    const until = Number(batch?.['last']);
    // All numbers from `last` on, without a gap: only then is a row's place its number.
    const taken = until - last === count && isUtf8(lines) ? passBatch(walk, lines, blocks) : 0;
    if (taken < count) walkSlowly(db, walk, blocks, last + taken, until);
    last = until;
    rows = Math.min(MAX_ROWS, Math.max(1, Math.floor(MAX_BYTES / (lines.length / count))));
  }
  walkSlowly(db, walk, blocks, last, Number.MAX_SAFE_INTEGER);
}

/** Returns how many lines were taken before one that needs a closer look. */
function passBatch(walk: Walk, lines: Buffer, blocks: BlockCheck): number {
  let taken = 0;
  for (let at = 0; at < lines.length; taken++) {
    at = walk.pass(lines, at + 1, true);
    if (at < 0) break;
    const { kindStart, kindEnd } = walk.scanned;
    const hidden = blocks.see(walk.entries, lines, kindStart, kindEnd, kindStart - TIME_BEFORE_KIND);
    if (hidden) walk.stop(hidden);
  }
  return taken;
}

function walkSlowly(db: SqlDatabase, walk: Walk, blocks: BlockCheck, after: number, upTo: number): void {
  for (const row of db.prepare(ROWS).iterate(after, upTo)) {
    const task = row['task'] === null ? null : String(row['task']);
    const columns = { kind: String(row['kind']), subject: String(row['subject']), task };
    const item: LineToVerify = { seq: Number(row['seq']), line: String(row['line']), columns };
    walk.step(item);
    const filed = Buffer.from(`${columns.kind}${parseObject(item.line)?.['time']}`);
    const kindEnd = Buffer.byteLength(columns.kind);
    const hidden = walk.isWell && blocks.see(item.seq, filed, 0, kindEnd, kindEnd);
    if (hidden) walk.stop(hidden);
  }
}

function hasStrays(db: SqlDatabase, last: number): boolean {
  return db.prepare('SELECT 1 AS found FROM ledger WHERE seq <= ? LIMIT 1').get(last) !== undefined;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
