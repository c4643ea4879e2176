import type { JsonObject } from '@signalbox/kernel';
import { parseObject } from '../ledger/entry.js';

/** The data of entries that are given as lines. */
export function dataOf(lines: readonly string[]): JsonObject[] {
  return lines.map((line) => (parseObject(line)?.['data'] ?? {}) as JsonObject);
}
