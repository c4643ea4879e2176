import { type Clock, type Ids, isoTime, type Journal, type JournalEntry } from '@signalbox/kernel';
import { type SqlDatabase, transact } from '@signalbox/kernel/sqlite';
import { AuditError } from '../errors.js';
import { Frontier } from '../merkle/frontier.js';
import { packedLeaf, unpackHash } from '../merkle/leaf.js';
import { migrateAudit } from '../migrations.js';
import { summariseBlocks } from './blocks.js';
import { formatEntry, indexColumns, type LedgerEntry, NO_LEAF } from './entry.js';
import { insertHead, type LedgerHead, moveHead, readHead } from './head.js';
import { type LedgerFilter, type LedgerLine, readEntries, readLines } from './read.js';

/** The head of a log, as a checkpoint states it. */
export interface TreeHead {
  logId: string;
  /** Number of entries. */
  size: number;
  /** RFC 6962 root over the first `size` lines, in base64. */
  root: string;
}

/**
 * The hash-chained record of everything that happened, in the same database as what it happened to.
 *
 * An entry is one line: a CloudEvents 1.0 event in canonical JSON, with its number and the hash of the line before. The
 * lines are the leaves of an RFC 6962 Merkle tree.
 */
export interface Ledger extends Journal {
  /**
   * Writes `entries` inside the caller's transaction. Throws `FOREIGN_TRANSACTION` if `transaction` is not the ledger's
   * own database, `ENTRY_INVALID` or kernel's `NOT_JSON` if an entry cannot be written.
   */
  append(entries: readonly JournalEntry[], transaction: SqlDatabase): void;
  /** Entries, sealed ones too. Throws `LEDGER_DAMAGED` at one that cannot be read, `SEGMENT_MISSING`. */
  read(filter?: LedgerFilter): LedgerEntry[];
  /** The text of every entry, sealed ones too, after `after` (default 0), oldest first, streaming. */
  lines(after?: number): IterableIterator<LedgerLine>;
  /** Cheap: the tree is kept, not recomputed. */
  head(): TreeHead;
}

export interface LedgerEnvironment {
  clock: Clock;
  ids: Ids;
  /** CloudEvents `source` of every entry: a URI reference such as `/projects/<name>`. */
  source: string;
  /** Where sealed segments lie. Default: the folder `segments` beside the database. */
  segments?: string;
}

/**
 * Opens the ledger of a database, creating its tables if need be. A new log gets an id, which its first entry
 * (`log.created`) states. Throws kernel's `STORE_NEWER` if a newer version wrote the file, `LEDGER_DAMAGED` for entries without
 * their head.
 */
export function openLedger(db: SqlDatabase, env: LedgerEnvironment): Ledger {
  migrateAudit(db);
  if (!readHead(db)) transact(db, () => startLog(db, env));
  let known: LedgerHead | undefined;
  return {
    append(entries, transaction) {
      if (transaction !== db) throw foreign(db, transaction);
      if (entries.length === 0) return;
      const head = known ?? currentHead(db);
      known = undefined; // the tree grows in place: whatever goes wrong, it is read again
      const written = writeEntries(db, env, head, entries) ?? writeEntries(db, env, currentHead(db), entries);
      if (!written) throw goneHead();
      known = written;
    },
    read: (filter = {}) => readEntries(db, filter, env.segments),
    lines: (after) => readLines(db, after, env.segments),
    head() {
      const { logId, frontier } = currentHead(db);
      return { logId, size: frontier.size, root: frontier.root().toString('base64') };
    },
  };
}

function startLog(db: SqlDatabase, env: LedgerEnvironment): void {
  if (readHead(db)) return; // another process started it while this one waited for the transaction
  const [entry] = db.prepare('SELECT seq FROM ledger UNION ALL SELECT first FROM ledger_segment LIMIT 1').all();
  if (entry) throw goneHead(); // a log beside its own entries would pass for theirs
  const logId = env.ids('log');
  const created = { kind: 'log.created', actor: 'system', subject: `log/${logId}`, data: { log: logId, format: 1 } };
  const head = { logId, frontier: new Frontier(), lastLeaf: NO_LEAF };
  insertHead(db, head);
  writeEntries(db, env, head, [created]);
}

/**
 * Writes the entries after `head` and returns the head after them, or writes nothing and returns `undefined` if the log stands
 * elsewhere: another process has appended since the head was read, or the transaction that moved it was rolled back.
 */
function writeEntries(
  db: SqlDatabase,
  env: LedgerEnvironment,
  head: LedgerHead,
  entries: readonly JournalEntry[],
): LedgerHead | undefined {
  const { logId, frontier } = head;
  const from = { size: frontier.size, lastLeaf: head.lastLeaf };
  let lastLeaf = head.lastLeaf;
  const time = isoTime(env.clock.now());
  const lines = entries.map((entry) => {
    const place = { seq: frontier.size + 1, id: env.ids('ent'), time, source: env.source, previousLeaf: lastLeaf };
    const line = formatEntry(entry, place);
    const leaf = packedLeaf(line);
    frontier.append(leaf);
    lastLeaf = unpackHash(leaf);
    return line;
  });
  const grown = { logId, frontier, lastLeaf };
  if (!moveHead(db, from, grown)) return undefined;
  const insert = db.prepare('INSERT INTO ledger (seq, kind, subject, task, line) VALUES (?, ?, ?, ?, ?)');
  for (const [i, entry] of entries.entries()) {
    const { kind, subject, task } = indexColumns(entry.kind, entry.subject, entry.data);
    insert.run(from.size + 1 + i, kind, subject, task, lines[i] as string);
  }
  summariseBlocks(db, from.size + 1, frontier.size);
  return grown;
}

function currentHead(db: SqlDatabase): LedgerHead {
  const head = readHead(db);
  if (head) return head;
  throw goneHead();
}

function goneHead(): AuditError {
  return new AuditError({
    code: 'LEDGER_DAMAGED',
    message: 'The head of the ledger is gone.',
    hint: 'Something else wrote to the database; restore a backup and compare the two with `signalbox audit verify`.',
  });
}

function foreign(own: SqlDatabase, given: SqlDatabase): AuditError {
  return new AuditError({
    code: 'FOREIGN_TRANSACTION',
    message: `The ledger of ${own.file} was given a transaction of another connection (${given.file}).`,
    hint: 'Open the store and the ledger on one connection, so that a change and its record commit together.',
  });
}
