import type { JsonObject } from './canonical-json.js';
import type { SqlDatabase } from './sqlite/database.js';

/** What a mutating operation wants recorded. Stores carry it without looking inside. */
export interface JournalEntry {
  /** What happened: `task.claimed`, `policy.decided` … */
  kind: string;
  /** Who did it: `user:<login>`, `ai:<id>`, `workflow:<run>` or `system`. */
  actor: string;
  /** What it happened to: `task/<id>`, `ai/<id>` … */
  subject: string;
  /** Facts, already redacted. */
  data: JsonObject;
}

/**
 * The port that joins a change and its record. A store opens a transaction, makes its change, and calls `append` with that
 * same transaction before it commits: both are there, or neither.
 *
 * `append` is synchronous, must not open or end a transaction, and throws to make the store roll back.
 */
export interface Journal {
  append(entries: readonly JournalEntry[], transaction: SqlDatabase): void;
}

/**
 * Given to every mutating operation of a store: called inside the transaction with what came of it, returns what to record.
 * Must be pure and quick, since it runs while the writer is held.
 */
export type Recorder<Outcome> = (outcome: Outcome) => readonly JournalEntry[];
