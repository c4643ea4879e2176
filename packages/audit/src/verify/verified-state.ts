import { isoTime } from '@signalbox/kernel';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { Frontier } from '../merkle/frontier.js';
import { HASH_BYTES, packHash, unpackHash } from '../merkle/leaf.js';
import type { Trust } from './trust.js';
import type { WalkState } from './walk.js';

export interface VerifiedState {
  state: WalkState;
  /** ISO 8601. */
  at: string;
}

/** Remembers a state that a signed checkpoint vouches for. `time` is in milliseconds since the epoch. */
export function rememberVerified(db: SqlDatabase, state: WalkState, time: number): void {
  db.prepare(
    `INSERT INTO ledger_verified (only, size, before, last_leaf, at) VALUES (1, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET size = excluded.size, before = excluded.before, last_leaf = excluded.last_leaf, at = excluded.at
       WHERE excluded.size >= size`,
  ).run(state.before.size + 1, state.before.toBytes(), unpackHash(state.lastLeaf), isoTime(time));
}

/**
 * The remembered state, if it can be relied on: its tree must have the root that a signed checkpoint of this log states.
 * Whoever can write the database can write the state, but not a checkpoint that fits it. Else why it cannot be used.
 */
export function recallVerified(db: SqlDatabase, trust: Trust, origin: string): VerifiedState | string {
  const row = db.prepare('SELECT size, before, last_leaf, at FROM ledger_verified').get();
  if (!row) return 'no earlier verification is remembered';
  const size = Number(row['size']);
  const before = Frontier.parse(size - 1, row['before'] as Uint8Array);
  const leaf = row['last_leaf'] as Uint8Array;
  if (!before || leaf.length !== HASH_BYTES) return 'what is remembered of the earlier verification contradicts itself';
  const tree = before.clone();
  tree.append(leaf);
  const root = tree.root().toString('base64');
  const signed = trust.roots.some(
    (each) => each.source === 'checkpoint' && each.size === size && each.root === root && each.origin === origin,
  );
  if (!signed) return `no signed checkpoint vouches for the first ${size} entries as they were verified`;
  if (trust.anchor && trust.anchor.size < size) return `the anchor is older than what was verified`;
  return { state: { origin, before, lastLeaf: packHash(leaf) }, at: String(row['at']) };
}
