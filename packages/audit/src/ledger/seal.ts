import type { JournalEntry } from '@signalbox/kernel';
import { type SqlDatabase, transact } from '@signalbox/kernel/sqlite';
import { signTreeHead } from '../checkpoint/checkpoint.js';
import { closingLine } from '../checkpoint/closing.js';
import { storeCheckpoint } from '../checkpoint/store.js';
import { AuditError } from '../errors.js';
import { Frontier } from '../merkle/frontier.js';
import { type PackedHash, packedLeaf, packHash, unpackHash } from '../merkle/leaf.js';
import { KEY_ROTATED } from '../signing/rotation.js';
import type { SigningKey } from '../signing/signing-key.js';
import { NO_LEAF } from './entry.js';
import { readHead } from './head.js';
import type { Ledger } from './ledger.js';
import { readLines } from './read.js';
import { type Segment, segmentsFolder } from './segment.js';
import { createSink } from './segment-sink.js';

export interface SealOptions {
  /** `seq` of the last entry to seal. */
  upTo: number;
  /** Signs the checkpoint that closes the segment. */
  key: SigningKey;
  /** Milliseconds since the epoch. */
  time: number;
  /** Who is recorded to have done it. */
  actor: string;
  /** Where segments lie. Default: the folder `segments` beside the database. */
  segments?: string;
}

/** What a file was found to hold while it was written. */
interface Written extends Segment {
  before: Frontier;
  lastLeaf: PackedHash;
  note: string;
}

/**
 * Moves every entry that is not sealed yet, up to `upTo`, out of the database into a file: one line each, closed by a signed
 * checkpoint. Reading, export and verification go on as before. Records `log.sealed`. A crash at any point leaves either the
 * rows or the file in charge. Must not be called inside a transaction.
 *
 * Throws `SEAL_RANGE` if there is nothing to seal up to there, `LEDGER_DAMAGED` if the entries are not those that the ledger
 * recorded, since no key may sign a changed log.
 */
export function sealSegment(db: SqlDatabase, ledger: Ledger, options: SealOptions): Segment {
  const folder = segmentsFolder(db, options.segments);
  const written = writeSegment(db, folder, options);
  const { first, last, file, bytes, digest, closing, rotations } = written;
  const segment: Segment = { first, last, file, bytes, digest, closing, rotations };
  transact(db, () => {
    const moved = Number(db.prepare('DELETE FROM ledger WHERE seq >= ? AND seq <= ?').run(first, last).changes);
    if (moved !== last - first + 1) throw damaged('Somebody else has moved entries meanwhile');
    db.prepare(
      `INSERT INTO ledger_segment (first, last, file, bytes, digest, before, last_leaf, closing, rotations)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      ...([first, last, file, bytes, digest] as const),
      ...([written.before.toBytes(), unpackHash(written.lastLeaf), closing, JSON.stringify(rotations)] as const),
    );
    storeCheckpoint(db, written.note);
    ledger.append([sealedEntry(segment, options.actor)], db);
  });
  return segment;
}

function writeSegment(db: SqlDatabase, folder: string, options: SealOptions): Written {
  const head = readHead(db);
  if (!head) throw damaged('The head of the ledger is gone');
  const { before, lastLeaf, first } = startOf(db);
  const { upTo } = options;
  if (!Number.isSafeInteger(upTo) || upTo < first || upTo > head.frontier.size)
    throw outOfRange(first, head.frontier.size, upTo);
  const file = `${String(first).padStart(12, '0')}-${String(upTo).padStart(12, '0')}.jsonl`;
  const sink = createSink(folder, file);
  try {
    const tree = { before, lastLeaf, size: first - 1 };
    const rotations: string[] = [];
    let sealed: Omit<Written, keyof Segment> | undefined;
    let closing = '';
    for (const { seq, line } of readLines(db, first - 1, folder)) {
      if (seq > head.frontier.size) break;
      if (seq !== tree.size + 1) throw damaged(`Entry ${tree.size + 1} is not there`);
      grow(tree, packedLeaf(line));
      if (seq > upTo) continue;
      sink.write(`${line}\n`);
      if (line.endsWith(`"type":"dev.signalbox.${KEY_ROTATED}.v1"}`)) rotations.push(line);
      if (seq !== upTo) continue;
      const root = rootOf(tree).toString('base64');
      const note = signTreeHead({ logId: head.logId, size: upTo, root }, options.key, options.time);
      sealed = { before: tree.before.clone(), lastLeaf: tree.lastLeaf, note };
      closing = closingLine(note, options.key);
      sink.write(`${closing}\n`);
    }
    if (!sealed || !rootOf(tree).equals(head.frontier.root()))
      throw damaged('The entries are not those that the ledger recorded');
    return { first, last: upTo, file, closing, rotations, ...sealed, ...sink.finish() };
  } catch (error) {
    sink.discard();
    throw error;
  }
}

interface Tree {
  before: Frontier;
  lastLeaf: PackedHash;
  size: number;
}

function grow(tree: Tree, leaf: PackedHash): void {
  if (tree.size > 0) tree.before.append(tree.lastLeaf);
  tree.lastLeaf = leaf;
  tree.size += 1;
}

function rootOf({ before, lastLeaf }: Tree): Buffer {
  const tree = before.clone();
  tree.append(lastLeaf);
  return tree.root();
}

/** Where the rows begin: after the last segment. */
function startOf(db: SqlDatabase): { first: number; before: Frontier; lastLeaf: PackedHash } {
  const row = db.prepare('SELECT last, before, last_leaf FROM ledger_segment ORDER BY first DESC LIMIT 1').get();
  if (!row) return { first: 1, before: new Frontier(), lastLeaf: packHash(NO_LEAF) };
  const last = Number(row['last']);
  const before = Frontier.parse(last - 1, row['before'] as Uint8Array);
  if (!before) throw damaged('The last sealed segment contradicts itself');
  return { first: last + 1, before, lastLeaf: packHash(row['last_leaf'] as Uint8Array) };
}

function sealedEntry({ first, last, file, bytes, digest }: Segment, actor: string): JournalEntry {
  return { kind: 'log.sealed', actor, subject: `segment/${file}`, data: { first, last, file, bytes, digest } };
}

function outOfRange(first: number, size: number, upTo: number): AuditError {
  return new AuditError({
    code: 'SEAL_RANGE',
    message: `Entries up to ${upTo} cannot be sealed: the first one that is not sealed is ${first}, the last one ${size}.`,
    hint: 'Name an entry between these two.',
    details: { first, size },
  });
}

function damaged(what: string): AuditError {
  return new AuditError({
    code: 'LEDGER_DAMAGED',
    message: `${what}, so nothing is sealed.`,
    hint: 'Run `signalbox audit verify` to see which entry is bad.',
  });
}
