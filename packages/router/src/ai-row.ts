import { isoTime } from '@signalbox/kernel';
import type { SqlRow } from '@signalbox/kernel/sqlite';
import type { AIInstance, AIStatus } from './ai.js';
import { type AIProbe, probedStatus } from './probe.js';

/** An AI as its row tells it at `now`: a pause whose end has come is over, without anything being written. */
export function readRow(row: SqlRow, now: number): AIInstance {
  const declared = JSON.parse(String(row['instance'])) as AIInstance;
  const probe = row['probe'] === null ? null : (JSON.parse(String(row['probe'])) as AIProbe);
  const until = millisecondsOf(row, 'pause_until');
  const lastSeen = millisecondsOf(row, 'last_seen');
  const clearedAt = millisecondsOf(row, 'cleared_at');
  const paused = row['status'] === 'paused' && (until === null || until > now);
  return {
    ...declared,
    status: paused ? 'paused' : statusWithoutPause(String(row['status']) as AIStatus, probe),
    lastSeen: lastSeen === null ? null : isoTime(lastSeen),
    probe,
    ...(paused && row['pause_reason'] !== null ? { pauseReason: String(row['pause_reason']) } : {}),
    ...(paused && until !== null ? { pausedUntil: isoTime(until) } : {}),
    ...(clearedAt === null ? {} : { clearedAt: isoTime(clearedAt) }),
  };
}

function millisecondsOf(row: SqlRow, column: string): number | null {
  const value = row[column] ?? null;
  return value === null ? null : Number(value);
}

function statusWithoutPause(stored: AIStatus, probe: AIProbe | null): AIStatus {
  return stored === 'online' || stored === 'paused' ? probedStatus(probe) : stored;
}

/** What is stored of an AI as text: what was declared. The rest has columns of its own. */
export function declaredText(ai: AIInstance): string {
  const { id, name, connector, labels, capabilities, maxConcurrent, config, registeredAt } = ai;
  return JSON.stringify({ id, name, connector, labels, capabilities, maxConcurrent, config, registeredAt });
}
