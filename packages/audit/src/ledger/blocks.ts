import { isoTime } from '@signalbox/kernel';
import type { SqlDatabase, SqlValue } from '@signalbox/kernel/sqlite';
import type { Finding } from '../verify/report.js';
import type { LedgerFilter } from './read.js';

// A summary for every so many entries, instead of an index each on kind and time: those would make every commit write two more
// pages, a tenth of what an append costs. Actors are few and every line begins with its own.
const BLOCK = 256;
const NONE = Buffer.alloc(0);
/** Summarises the blocks that an append from `first` to `last` has completed. */
export function summariseBlocks(db: SqlDatabase, first: number, last: number): void {
  for (let block = Math.floor((first - 1) / BLOCK); (block + 1) * BLOCK <= last; block++) {
    db.prepare(
      `INSERT OR REPLACE INTO ledger_block (block, since, until, kinds)
       SELECT ?, min(at), max(at), ',' || group_concat(DISTINCT kind) || ','
       FROM ledger WHERE seq > ? AND seq <= ? HAVING count(*) = ${BLOCK}`,
    ).run(block, block * BLOCK, (block + 1) * BLOCK);
  }
}

/** Entries with `after < seq <= upTo`. */
export interface SeqRange {
  after: number;
  upTo: number;
}

/** Where entries that fulfil the filter can be, in order: everywhere but in the blocks whose summary excludes them. */
export function rangesToSearch(db: SqlDatabase, filter: LedgerFilter): SeqRange[] {
  const whole = { after: filter.after ?? 0, upTo: (filter.before ?? Number.MAX_SAFE_INTEGER) - 1 };
  const excluded = excludedBlocks(db, filter, whole);
  const ranges: SeqRange[] = [];
  let after = whole.after;
  for (const block of excluded) {
    if (block * BLOCK > after) ranges.push({ after, upTo: Math.min(whole.upTo, block * BLOCK) });
    after = Math.max(after, (block + 1) * BLOCK);
  }
  if (after < whole.upTo) ranges.push({ after, upTo: whole.upTo });
  return ranges;
}

function excludedBlocks(db: SqlDatabase, filter: LedgerFilter, { after, upTo }: SeqRange): number[] {
  const reasons: string[] = [];
  const values: SqlValue[] = [];
  const unless = (sql: string, value: SqlValue): void => {
    reasons.push(sql);
    values.push(value);
  };
  if (filter.kind !== undefined) {
    const isPrefix = /[.*]$/.test(filter.kind);
    unless('instr(kinds, ?) = 0', isPrefix ? `,${filter.kind.replace(/\*$/, '')}` : `,${filter.kind},`);
  }
  if (filter.since !== undefined) unless('until < ?', isoTime(filter.since));
  if (filter.until !== undefined) unless('since >= ?', isoTime(filter.until));
  if (reasons.length === 0) return [];
  return db
    .prepare(
      `SELECT block FROM ledger_block WHERE block >= ? AND block <= ? AND (${reasons.join(' OR ')}) ORDER BY block`,
    )
    .all(Math.floor(after / BLOCK), Math.floor(upTo / BLOCK), ...values)
    .map((row) => Number(row['block']));
}

/** Finds an entry that the summary of its block hides from whoever filters. A block without a summary hides nothing. */
export class BlockCheck {
  #db: SqlDatabase;
  #block = -1;
  #kinds: string | undefined;
  #since: Buffer = NONE;
  #until: Buffer = NONE;
  #lastKind: Buffer = NONE;

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  /** `bytes` holds the kind from `kindStart` to `kindEnd` and the time (24 bytes) from `time` on. No text is made of them. */
  see(seq: number, bytes: Buffer, kindStart: number, kindEnd: number, time: number): Finding | undefined {
    const block = Math.floor((seq - 1) / BLOCK);
    if (block !== this.#block) this.#load(block);
    if (this.#kinds === undefined) return undefined;
    const isWithin = compareAt(bytes, time, this.#since) >= 0 && compareAt(bytes, time, this.#until) <= 0;
    if (isWithin && this.#isListed(bytes, kindStart, kindEnd, this.#kinds)) return undefined;
    return { kind: 'edited', firstBad: seq, reason: `Entry ${seq} is hidden by a false summary of its block.` };
  }

  #isListed(bytes: Buffer, start: number, end: number, kinds: string): boolean {
    if (end - start === this.#lastKind.length && compareAt(bytes, start, this.#lastKind) === 0) return true;
    this.#lastKind = Buffer.from(bytes.subarray(start, end));
    return kinds.includes(`,${this.#lastKind.toString()},`);
  }

  #load(block: number): void {
    const row = this.#db.prepare('SELECT since, until, kinds FROM ledger_block WHERE block = ?').get(block);
    this.#block = block;
    this.#lastKind = NONE;
    this.#kinds = row && String(row['kinds']);
    this.#since = Buffer.from(String(row?.['since']));
    this.#until = Buffer.from(String(row?.['until']));
  }
}

function compareAt(bytes: Buffer, at: number, other: Buffer): number {
  for (let i = 0; i < other.length; i++) {
    const difference = (bytes[at + i] ?? 0) - (other[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
