import type { JsonObject } from '@signalbox/kernel';
import type { Attempt, Budget } from '@signalbox/task-core';
import { DIMENSIONS, type Dimension } from './budgets.js';

export type Amounts = Record<Dimension, number>;

/**
 * What an attempt counts for. One that is under way counts with what was reserved for it, and so does one that has ended without
 * a word about what it used although its agent had begun: what nobody knows must not make room for more.
 */
export function usedBy(attempt: Attempt, now: number): Amounts {
  const { startedAt, finishedAt, outcome, data } = attempt;
  const told = toldBy(data);
  const reserved = (data['reserved'] ?? {}) as Budget;
  const isOpen = finishedAt === null;
  const isUnknown = isOpen || outcome === 'lost' || outcome === 'released' || data['usage'] !== undefined;
  const amount = (what: Exclude<Dimension, 'timeMs'>): number => told[what] ?? (isUnknown ? (reserved[what] ?? 0) : 0);
  const lastedMs = Math.max(0, (isOpen ? now : Date.parse(finishedAt)) - Date.parse(startedAt));
  return {
    ...{ usd: amount('usd'), tokens: amount('tokens'), turns: amount('turns') },
    timeMs: isOpen ? Math.max(lastedMs, reserved.timeMs ?? 0) : lastedMs,
  };
}

/** What its agent told. What is absent is unknown, not nothing. Tokens are all that it read and wrote, caches included. */
export function toldBy(data: JsonObject): Partial<Amounts> {
  const usage = (data['usage'] ?? {}) as JsonObject;
  const told: Partial<Amounts> = {};
  const usd = soundAmount(usage['costUsd']);
  if (usd !== null) told.usd = usd;
  const tokens = TOKENS.map((name) => soundAmount(usage[name])).filter((count) => count !== null);
  if (tokens.length > 0) told.tokens = tokens.reduce((sum, count) => sum + count, 0);
  const turns = soundAmount(usage['turns']);
  if (turns !== null) told.turns = turns;
  return told;
}

const TOKENS = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'] as const;

/** Beyond it an amount is a miscount. It still passes every limit, but sums stay exact. */
const MOST = 1e12;

/** An amount that an agent told; null for what is none. */
export function soundAmount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.min(value, MOST) : null;
}

export function sumOf(attempts: readonly Attempt[], now: number): Amounts {
  const sum: Amounts = { usd: 0, tokens: 0, turns: 0, timeMs: 0 };
  for (const attempt of attempts) {
    const used = usedBy(attempt, now);
    for (const what of DIMENSIONS) sum[what] += used[what];
  }
  return sum;
}
