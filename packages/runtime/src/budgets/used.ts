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

/** What its agent told. What is absent is unknown, not nothing. */
export function toldBy(data: JsonObject): Partial<Amounts> {
  const { costUsd, inputTokens, outputTokens, turns } = (data['usage'] ?? {}) as JsonObject;
  const told: Partial<Amounts> = {};
  if (isAmount(costUsd)) told.usd = costUsd;
  if (isAmount(inputTokens) || isAmount(outputTokens)) {
    told.tokens = (isAmount(inputTokens) ? inputTokens : 0) + (isAmount(outputTokens) ? outputTokens : 0);
  }
  if (isAmount(turns)) told.turns = turns;
  return told;
}

export function sumOf(attempts: readonly Attempt[], now: number): Amounts {
  const sum: Amounts = { usd: 0, tokens: 0, turns: 0, timeMs: 0 };
  for (const attempt of attempts) {
    const used = usedBy(attempt, now);
    for (const what of DIMENSIONS) sum[what] += used[what];
  }
  return sum;
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
