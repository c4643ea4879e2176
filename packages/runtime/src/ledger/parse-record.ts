import type { JsonObject } from '@signalbox/kernel';

/** What a column of a table holds; nothing for what is no JSON, so that it differs from what the entries said. */
export function parseRecord(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return {};
  }
}
