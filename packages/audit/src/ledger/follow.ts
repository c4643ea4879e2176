import { type Clock, sleep } from '@signalbox/kernel';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import type { LedgerEntry } from './entry.js';
import type { Ledger } from './ledger.js';
import type { LedgerFilter } from './read.js';

export interface FollowOptions {
  clock: Clock;
  /** Which entries; `after` says where to begin (default: after the last one there is). */
  filter?: Omit<LedgerFilter, 'limit' | 'newestFirst' | 'before'>;
  /** How often to look whether anything was written, in milliseconds. Default 500. */
  intervalMs?: number;
  /** Ends the iteration. */
  signal?: AbortSignal;
}

const PAGE = 256;

/**
 * Gives entries as they are appended, by this connection or by any other process, until `signal` aborts. Looks by SQLite's own
 * change counters, which costs a few microseconds and reads nothing while nothing was written.
 */
export async function* followLedger(
  db: SqlDatabase,
  ledger: Pick<Ledger, 'read' | 'head'>,
  options: FollowOptions,
): AsyncGenerator<LedgerEntry, void, undefined> {
  const { clock, filter = {}, intervalMs = 500, signal } = options;
  const isOver = (): boolean => signal?.aborted ?? false;
  let after = filter.after ?? ledger.head().size;
  for (let seen = ''; !isOver(); ) {
    const now = changeCount(db);
    if (now === seen) {
      await sleep(clock, intervalMs, signal);
      continue;
    }
    seen = now;
    const { size } = ledger.head();
    for (let page = PAGE; page === PAGE && !isOver(); ) {
      const entries = ledger.read({ ...filter, after, before: size + 1, limit: PAGE });
      page = entries.length;
      for (const entry of entries) {
        if (isOver()) return;
        after = entry.seq;
        yield entry;
      }
    }
    after = Math.max(after, size);
  }
}

/** `data_version` counts the commits of other connections, `total_changes` the rows that this one has changed. */
function changeCount(db: SqlDatabase): string {
  const others = db.prepare('PRAGMA data_version').get()?.['data_version'];
  const own = db.prepare('SELECT total_changes() AS n').get()?.['n'];
  return `${others}/${own}`;
}
