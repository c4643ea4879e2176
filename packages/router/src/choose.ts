import type { AIInstance } from './ai.js';
import type { Candidate, RoutingNeed } from './candidate.js';
import { type Removal, removalsOf } from './removal.js';

export interface ScoreParts {
  /** How many labels it shares with the task. */
  labels: number;
  /** Which part of its places is free, above 0 and up to 1. */
  load: number;
  /** Up to a half, by how many of its last attempts succeeded; a quarter while that is not known. */
  success: number;
  /** Up to a quarter, by how much less than the dearest of the candidates it costs; 0 if it never told. */
  cost: number;
}

export type Ranked = {
  ai: string;
  /** When an attempt of it last started (ISO 8601): of equal scores the one longest ago is first. */
  lastUsed: string | null;
} & (
  | {
      /** The first of `reasons`, in words. */
      removed: string;
      /** All that speaks against it, what no waiting mends first. A pin to another stands alone. */
      reasons: Removal[];
      score: null;
      parts: null;
    }
  | {
      removed: null;
      /** The sum of `parts`. */
      score: number;
      parts: ScoreParts;
    }
);

export interface Choice {
  chosen: AIInstance | null;
  /** Every candidate: what removed it, or its score and the parts of it. Best first. */
  ranking: Ranked[];
}

/**
 * Picks an AI. Hard constraints remove candidates: pin, capabilities, what the caller found unfit, status, pause, quota, circuit
 * breaker, concurrency. The rest are ranked by labels in common with the task, by free capacity and by what is known of their
 * success and cost, which together count less than one label; a tie goes to the least recently used, and then to the first by id. The order of the candidates is of no account; their ids must differ.
 */
export function choose(need: RoutingNeed, candidates: readonly Candidate[]): Choice {
  const dearest = Math.max(0, ...candidates.map(({ record }) => record?.costUsd ?? 0));
  const ranking = candidates.map((candidate) => rank(need, candidate, dearest));
  ranking.sort(
    (a, b) => (b.score ?? -1) - (a.score ?? -1) || compare(a.lastUsed ?? '', b.lastUsed ?? '') || compare(a.ai, b.ai),
  );
  const best = ranking[0];
  const chosen = best?.removed === null ? candidates.find((candidate) => candidate.ai.id === best.ai) : undefined;
  return { chosen: chosen?.ai ?? null, ranking };
}

/**
 * The first time, in milliseconds since the epoch, at which a candidate comes back that only time keeps away (a pause with an end,
 * a quota, a breaker); null if there is none.
 */
export function findReturn(choice: Choice): number | null {
  const returns = choice.ranking.flatMap((ranked) => {
    if (ranked.removed === null) return [];
    const ends = ranked.reasons.map(({ until }) => (until === null ? Infinity : Date.parse(until)));
    return [Math.max(...ends)];
  });
  const first = Math.min(...returns);
  return Number.isFinite(first) ? first : null;
}

function rank(need: RoutingNeed, candidate: Candidate, dearest: number): Ranked {
  const { ai, running, record } = candidate;
  const seen = { ai: ai.id, lastUsed: ai.lastSeen };
  const reasons = removalsOf(need, candidate);
  const [first] = reasons;
  if (first) return { ...seen, removed: first.message, reasons, score: null, parts: null };
  const parts: ScoreParts = {
    labels: labelsInCommon(need, ai),
    load: 1 - running / ai.maxConcurrent,
    success: (record?.success ?? 0.5) / 2,
    cost: record?.costUsd == null || dearest === 0 ? 0 : (1 - record.costUsd / dearest) / 4,
  };
  return { ...seen, removed: null, score: parts.labels + parts.load + parts.success + parts.cost, parts };
}

function labelsInCommon(need: RoutingNeed, ai: AIInstance): number {
  return Object.entries(need.labels).filter(([key, value]) => ai.labels[key] === value).length;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
