import type { JsonObject } from '@signalbox/kernel';
import type { AgentEvent } from '../contract.js';
import { numberAt, objectAt, textAt } from './json-access.js';

const NAMES = {
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cacheReadTokens: 'cache_read_input_tokens',
  cacheWriteTokens: 'cache_creation_input_tokens',
} as const;
type Counts = Record<keyof typeof NAMES, number>;
const COUNTED = Object.keys(NAMES) as (keyof Counts)[];
const NOTHING: Counts = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/**
 * Sums up what claude's answers have used so far. One answer comes as several lines with the same id, each with the count of
 * that moment; the largest is its own. Lines of subagents count as well.
 */
export function createRunningUsage(): { read(line: JsonObject): AgentEvent[] } {
  const answers = new Map<string, Counts>();
  const total = { ...NOTHING };
  return {
    read(line) {
      const message = objectAt(line, 'message');
      const id = textAt(message, 'id');
      const usage = objectAt(message, 'usage');
      if (id === null || usage === null) return [];
      const before = answers.get(id) ?? NOTHING;
      const now = { ...before };
      for (const name of COUNTED) {
        now[name] = Math.max(before[name], numberAt(usage, NAMES[name]) ?? 0);
        total[name] += now[name] - before[name];
      }
      if (COUNTED.every((name) => now[name] === before[name])) return [];
      answers.set(id, now);
      return [{ type: 'usage', usage: { ...total, turns: answers.size } }];
    },
  };
}
