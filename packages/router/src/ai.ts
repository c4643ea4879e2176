import type { JsonObject } from '@signalbox/kernel';
import { RouterError } from './errors.js';

export type AIStatus = 'online' | 'busy' | 'paused' | 'offline' | 'error';

/** One agent that can be given work: a connector with its configuration. */
export interface AIInstance {
  id: string;
  name: string;
  connector: string;
  labels: Record<string, string>;
  capabilities: string[];
  /** How many attempts it may run at once. */
  maxConcurrent: number;
  /** For the connector; checked against its schema by whoever registers it. */
  config: JsonObject;
  status: AIStatus;
  registeredAt: string;
  /** When an attempt of it last started (ISO 8601). */
  lastSeen: string | null;
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

const ID = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** The words that stand for something else wherever an AI's id may stand. */
const RESERVED = new Set(['auto', 'shared', 'none']);

/** Fills in the defaults. Throws `INVALID_AI` naming what is wrong. */
export function parseAI(draft: AIDraft, registeredAt: string): AIInstance {
  const maxConcurrent = draft.maxConcurrent ?? 1;
  if (!ID.test(draft.id)) {
    throw invalid(
      `"${draft.id}" cannot be an AI's id`,
      'Use up to 63 lower-case letters, digits, dots, dashes or underscores.',
    );
  }
  if (RESERVED.has(draft.id)) throw invalid(`The id "${draft.id}" is reserved`, 'Choose another id.');
  if (!Number.isInteger(maxConcurrent) || maxConcurrent < 1 || maxConcurrent > 1_000) {
    throw invalid(`${maxConcurrent} attempts at once is out of range`, 'Give a whole number from 1 to 1000.');
  }
  return {
    id: draft.id,
    name: draft.name ?? draft.id,
    connector: draft.connector,
    labels: draft.labels ?? {},
    capabilities: [...new Set(draft.capabilities ?? [])].sort(),
    maxConcurrent,
    config: draft.config ?? {},
    status: 'online',
    registeredAt,
    lastSeen: null,
  };
}

function invalid(what: string, hint: string): RouterError {
  return new RouterError({ code: 'INVALID_AI', message: `${what}.`, hint });
}
