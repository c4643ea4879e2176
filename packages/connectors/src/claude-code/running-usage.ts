import type { JsonObject } from '@signalbox/kernel';
import type { AgentEvent } from '../contract.js';
import { numberAt, objectAt, textAt } from './json-access.js';

/**
 * Sums up what claude's answers have used so far. One answer comes as several lines with the same id, each with the count of
 * that moment; the largest is its own. Lines of subagents count as well.
 */
export function createRunningUsage(): { read(line: JsonObject): AgentEvent[] } {
  const answers = new Map<string, { read: number; written: number }>();
  let inputTokens = 0;
  let outputTokens = 0;
  return {
    read(line) {
      const message = objectAt(line, 'message');
      const id = textAt(message, 'id');
      const usage = objectAt(message, 'usage');
      if (id === null || usage === null) return [];
      const before = answers.get(id) ?? { read: 0, written: 0 };
      const read = Math.max(before.read, numberAt(usage, 'input_tokens') ?? 0);
      const written = Math.max(before.written, numberAt(usage, 'output_tokens') ?? 0);
      if (read === before.read && written === before.written) return [];
      answers.set(id, { read, written });
      inputTokens += read - before.read;
      outputTokens += written - before.written;
      return [{ type: 'usage', usage: { inputTokens, outputTokens, turns: answers.size } }];
    },
  };
}
