const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Reads `expires:` as milliseconds since the epoch; `null` if it is neither a date (through whose last millisecond, UTC, the
 * entry holds) nor an ISO 8601 instant with a zone.
 */
export function parseExpiry(text: string): number | null {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  if (!date && !instant) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return null;
  // V8 rolls 30 February over into March; a date that does not read back was never one.
  if (date && new Date(time).toISOString().slice(0, 10) !== text) return null;
  return date ? time + DAY_MS : time;
}
