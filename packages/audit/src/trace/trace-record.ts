import type { Json } from '@signalbox/kernel';

/** What is written of each type. Everything is redacted on its way to the disk. */
export interface TraceFields {
  prompt: { text: string };
  /** One thing that the connector said: what was read, and the line as it came unless that is among the `raw` records. */
  event: { raw?: string; parsed: unknown };
  'permission.asked': { id: string; request: unknown };
  'permission.answered': { id: string; answer: unknown };
  /** Names of environment variables, never their values. */
  environment: { names: readonly string[] };
  /** Program to version. */
  versions: { versions: Readonly<Record<string, string>> };
  /** A command of ours: set-up, a check. */
  command: { purpose: string; command: string; exitCode: number | null; timedOut: boolean; ms: number };
  /** `ms` is in milliseconds by the monotonic clock. */
  timing: { what: string; ms: number };
  note: { text: string };
}

export type TraceType = keyof TraceFields;

/** One line of a trace as it is read. */
export interface TraceRecord {
  /** ISO 8601 in UTC; empty for `torn`. */
  at: string;
  /**
   * A {@link TraceType}; `raw` (`stream`, `text`); `capped` where the limit was reached; `dropped` as the last record
   * (`records`, `bytes`: what was not kept); or `torn` (`bytes`) for a line that a crash cut off.
   */
  type: string;
  [field: string]: Json;
}

/** These can be as many and as large as an agent likes, so they leave room for the rest. */
export const NOISY: ReadonlySet<string> = new Set(['raw', 'event']);
