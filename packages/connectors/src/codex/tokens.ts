import type { JsonObject } from '@signalbox/kernel';
import { numberAt } from '../claude-code/json-access.js';
import type { Usage } from '../contract.js';

/** A count of codex: `cached` is a part of `input`. */
export interface Tokens {
  input: number;
  cached: number;
  output: number;
}

export const NO_TOKENS: Tokens = { input: 0, cached: 0, output: 0 };

/** What a `usage` of codex counts; null when it does not count both ways. */
export function tokensOf(usage: JsonObject | null): Tokens | null {
  const input = numberAt(usage, 'input_tokens');
  const output = numberAt(usage, 'output_tokens');
  if (input === null || output === null) return null;
  return { input, output, cached: numberAt(usage, 'cached_input_tokens') ?? 0 };
}

/** What lies between two counts; nothing when one of them is not known. Cached input is not counted as input again. */
export function usageBetween(before: Tokens | null, after: Tokens | null): Usage {
  if (!before || !after) return {};
  const cached = after.cached - before.cached;
  return {
    inputTokens: after.input - before.input - cached,
    outputTokens: after.output - before.output,
    cacheReadTokens: cached,
  };
}
