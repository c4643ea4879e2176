import type { JsonObject } from '@signalbox/kernel';
import { isAIId, isReservedId } from './ai-id.js';
import { invalidAI } from './errors.js';
import type { AIProbe } from './probe.js';

/**
 * - `online`: it may be given work.
 * - `busy`: it may, but has no free place now. Never stored: see `statusOf`.
 * - `paused`: somebody, or a quota, keeps work from it for a while.
 * - `offline`: its last probe found no agent there.
 * - `error`: its last probe found one that does not work.
 */
export type AIStatus = 'online' | 'busy' | 'paused' | 'offline' | 'error';

/** One agent that can be given work: a connector with its configuration. */
export interface AIInstance {
  id: string;
  name: string;
  connector: string;
  labels: Record<string, string>;
  /** What its owner declares that it can do. Sorted, each once. What a probe found is in {@link AIInstance.probe}. */
  capabilities: string[];
  /** How many attempts it may run at once. */
  maxConcurrent: number;
  /** For the connector; checked against its schema by whoever registers it. */
  config: JsonObject;
  status: AIStatus;
  registeredAt: string;
  /**
   * When an attempt of it last started (ISO 8601). No two AIs share one, and a later start has the later time, also within one
   * millisecond or where the clock stepped back.
   */
  lastSeen: string | null;
  /** What was last found out about it, or null if nothing is known of this configuration. */
  probe: AIProbe | null;
  /** Why it is paused. Only while it is. */
  pauseReason?: string;
  /** When its pause ends by itself (ISO 8601). Only while it is paused, and only if it does. */
  pausedUntil?: string;
  /** When it was last resumed or given another configuration (ISO 8601): what failed before counts no more. For `healthOf`. */
  clearedAt?: string;
}

export interface AIDraft {
  id: string;
  name?: string;
  connector: string;
  labels?: Record<string, string>;
  capabilities?: string[];
  maxConcurrent?: number;
  config?: JsonObject;
}

/** What can be changed of an AI. Each member replaces the whole of what was there. */
export interface AIPatch {
  labels?: Record<string, string>;
  capabilities?: string[];
  maxConcurrent?: number;
  config?: JsonObject;
}

/** Fills in the defaults. Throws `INVALID_AI` naming what is wrong. */
export function parseAI(draft: AIDraft, registeredAt: string): AIInstance {
  if (isReservedId(draft.id)) throw invalidAI(`The id "${draft.id}" is reserved`, 'Choose another id.');
  if (!isAIId(draft.id)) {
    throw invalidAI(
      `"${draft.id}" cannot be an AI's id`,
      'Use up to 63 lower-case letters, digits, dots, dashes or underscores.',
    );
  }
  return {
    id: draft.id,
    name: draft.name ?? draft.id,
    connector: draft.connector,
    labels: draft.labels ?? {},
    capabilities: distinct(draft.capabilities ?? []),
    maxConcurrent: parsePlaces(draft.maxConcurrent ?? 1),
    config: draft.config ?? {},
    status: 'online',
    registeredAt,
    lastSeen: null,
    probe: null,
  };
}

/** The AI as it will be. Throws `INVALID_AI`. */
export function applyPatch(ai: AIInstance, patch: AIPatch): AIInstance {
  return {
    ...ai,
    labels: patch.labels ?? ai.labels,
    capabilities: distinct(patch.capabilities ?? ai.capabilities),
    maxConcurrent: parsePlaces(patch.maxConcurrent ?? ai.maxConcurrent),
    config: patch.config ?? ai.config,
  };
}

function parsePlaces(maxConcurrent: number): number {
  if (Number.isInteger(maxConcurrent) && maxConcurrent >= 1 && maxConcurrent <= 1_000) return maxConcurrent;
  throw invalidAI(`${maxConcurrent} attempts at once is out of range`, 'Give a whole number from 1 to 1000.');
}

export function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
