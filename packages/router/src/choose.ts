import type { AIInstance } from './ai.js';

/** What a task asks of an AI. */
export interface RoutingNeed {
  /** The one AI that may do it, or null. */
  pin: string | null;
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
}

export type Ranked = { ai: string } & (
  | { removed: string; score: null; parts: null }
  | { removed: null; score: number; parts: { labels: number; load: number } }
);

export interface Choice {
  chosen: AIInstance | null;
  /** Every candidate: what removed it, or its score and the parts of it. Best first. */
  ranking: Ranked[];
}

/**
 * Picks an AI. Hard constraints remove candidates: pin, status, capabilities, concurrency, and what the caller found unfit.
 * The rest are ranked by labels in common with the task and by free capacity; a tie goes to the least recently used.
 */
export function choose(need: RoutingNeed, candidates: readonly Candidate[]): Choice {
  const ranking = candidates.map((candidate): Ranked & { lastSeen: string } => {
    const lastSeen = candidate.ai.lastSeen ?? '';
    const removed = removalOf(need, candidate);
    if (removed !== null) return { ai: candidate.ai.id, removed, score: null, parts: null, lastSeen };
    const parts = {
      labels: labelsInCommon(need, candidate.ai),
      load: 1 - candidate.running / candidate.ai.maxConcurrent,
    };
    return { ai: candidate.ai.id, removed: null, score: parts.labels + parts.load, parts, lastSeen };
  });
  ranking.sort((a, b) => (b.score ?? -1) - (a.score ?? -1) || compare(a.lastSeen, b.lastSeen) || compare(a.ai, b.ai));
  const best = ranking[0];
  const chosen = best?.removed === null ? candidates.find((candidate) => candidate.ai.id === best.ai) : undefined;
  return { chosen: chosen?.ai ?? null, ranking: ranking.map(({ lastSeen: _, ...ranked }) => ranked) };
}

function removalOf(need: RoutingNeed, { ai, running, unfit }: Candidate): string | null {
  if (need.pin !== null && need.pin !== ai.id) return `the task is pinned to ${need.pin}`;
  if (ai.status === 'paused' || ai.status === 'offline') return `it is ${ai.status}`;
  if (ai.status === 'error') return 'it is in error';
  const missing = need.capabilities.filter((capability) => !ai.capabilities.includes(capability));
  if (missing.length > 0) return `it lacks ${missing.join(', ')}`;
  if (unfit !== null) return unfit;
  if (running >= ai.maxConcurrent) return `it runs ${running} of ${ai.maxConcurrent} already`;
  return null;
}

function labelsInCommon(need: RoutingNeed, ai: AIInstance): number {
  return Object.entries(need.labels).filter(([key, value]) => ai.labels[key] === value).length;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
