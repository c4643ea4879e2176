/** One attempt of an AI that came to an end, for its record. */
export interface RecordedAttempt {
  /** The failure class, or null for success. */
  failure: string | null;
  /** US dollars, if its agent told. */
  costUsd?: number;
}

/** What an AI's last attempts say of how well, and at what price, it works. */
export interface TrackRecord {
  /** Which part of the attempts that it is to be judged by succeeded, from 0 to 1, in tenths; null while there are too few. */
  success: number | null;
  /** The median cost of an attempt in US dollars; null if it never told. */
  costUsd: number | null;
}

/** With fewer, chance would say more than skill does, and a new AI would never get work. */
const FEWEST = 5;

// The work, or the worker, was not good enough. The rest speaks of the provider, of people or of us.
const COUNTED: ReadonlySet<string> = new Set(['checks_failed', 'agent_error', 'invalid_output', 'timeout', 'stalled']);

/** Sums up attempts, in any order; the last fifty or so suffice. Pure. */
export function trackRecord(attempts: readonly RecordedAttempt[]): TrackRecord {
  const judged = attempts.filter(({ failure }) => failure === null || COUNTED.has(failure));
  const succeeded = judged.filter(({ failure }) => failure === null).length;
  const costs = attempts.flatMap(({ costUsd }) => (costUsd === undefined ? [] : [costUsd])).sort((a, b) => a - b);
  return {
    success: judged.length < FEWEST ? null : Math.round((succeeded / judged.length) * 10) / 10,
    costUsd: costs[Math.floor(costs.length / 2)] ?? null,
  };
}
