import type { Usage } from '@signalbox/connectors';
import type { JsonObject } from '@signalbox/kernel';
import type { Attempt, Budget } from '@signalbox/task-core';
import { DIMENSIONS, type Dimension } from './budgets.js';

export type Amounts = Record<Dimension, number>;

/**
 * What an attempt counts for. One that is under way counts with what was reserved for it, and so does one that has ended without
 * a word about what it used although its agent had begun: what nobody knows must not make room for more.
 */
export function usedBy(attempt: Attempt, now: number): Amounts {
  const { startedAt, finishedAt, data } = attempt;
  const told = toldBy(data);
  const reserved = (data['reserved'] ?? {}) as Budget;
  const isOpen = finishedAt === null;
  const isUnknown = isOpen || mayHaveUsed(attempt);
  const amount = (what: Exclude<Dimension, 'timeMs'>): number => told[what] ?? (isUnknown ? (reserved[what] ?? 0) : 0);
  const lastedMs = Math.max(0, (isOpen ? now : Date.parse(finishedAt)) - Date.parse(startedAt));
  return {
    ...{ usd: amount('usd'), tokens: amount('tokens'), turns: amount('turns') },
    timeMs: isOpen ? Math.max(lastedMs, reserved.timeMs ?? 0) : lastedMs,
  };
}

/**
 * Whether the agent of an attempt that has ended may have used something: it had begun, or nobody can say, since its executor
 * died (`recovered`) or lost its lease.
 */
export function mayHaveUsed({ outcome, data }: Pick<Attempt, 'outcome' | 'data'>): boolean {
  const told = Object.keys(toldBy(data)).length > 0;
  return told || data['began'] === true || data['recovered'] === true || outcome === 'lost';
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

/** What an agent told, without what is no amount or none that is known. */
export function soundUsage(usage: Usage): Usage {
  const sound: Usage = {};
  for (const name of [...TOKENS, 'costUsd', 'turns'] as const) {
    const amount = soundAmount(usage[name]);
    if (amount !== null) sound[name] = amount;
  }
  return sound;
}

const TOKENS = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'] as const;

/** Beyond it an amount is a miscount. It passes every limit all the same. */
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
