import type { Json, JsonObject } from '@signalbox/kernel';

// Members of lines that another program wrote: whatever is not of the expected type is treated as absent.

export function asObject(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}

export function objectAt(object: JsonObject | null, key: string): JsonObject | null {
  return asObject(object?.[key]);
}

export function textAt(object: JsonObject | null, key: string): string | null {
  const value = object?.[key];
  return typeof value === 'string' ? value : null;
}

export function numberAt(object: JsonObject | null, key: string): number | null {
  const value = object?.[key];
  return typeof value === 'number' ? value : null;
}

export function objectsAt(object: JsonObject | null, key: string): JsonObject[] {
  const value = object?.[key];
  return Array.isArray(value) ? value.map((item) => asObject(item)).filter((item) => item !== null) : [];
}

/** A line as a JSON object, or null when it is something else: programs also print what is no protocol. */
export function parseLine(line: string): JsonObject | null {
  try {
    return asObject(JSON.parse(line) as Json);
  } catch {
    return null;
  }
}
