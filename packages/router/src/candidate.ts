import type { AIInstance } from './ai.js';
import type { Health } from './health.js';
import type { TrackRecord } from './track-record.js';

/** What a task asks of an AI. */
export interface RoutingNeed {
  /** The one AI that may do it, or null. */
  pin: string | null;
  /** Why it is that one, in words, where it is not the task that names it. */
  pinReason?: string;
  capabilities: readonly string[];
  /** Labels of the task: an AI that carries the same label and value is preferred. */
  labels: Readonly<Record<string, string>>;
}

/** An AI as the router sees it: what the caller found out about it, as values. */
export interface Candidate {
  ai: AIInstance;
  /** Attempts of it under way. */
  running: number;
  /** Why it cannot take this task at all (connector, policy, not installed), or null. */
  unfit: string | null;
  /** What its record says; absent: nothing against it. */
  health?: Health;
  /** How well it has worked; absent: nobody knows. */
  record?: TrackRecord;
}
