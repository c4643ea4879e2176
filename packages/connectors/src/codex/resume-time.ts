const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// Longer than any limit: what passes it is misread.
const MAX_AHEAD_MS = 60 * DAY_MS;

/**
 * When a limit ends by what codex says of it, in milliseconds since the epoch; null when it does not say. It says `try again
 * in 2.5s`, `try again at 2:16 PM.` and `try again at Nov 26th, 2026 2:16 PM.`, the last two in the time zone of its
 * process, which must be UTC.
 */
export function resumeTimeOf(message: string, now: number): number | null {
  const time = afterDuration(message, now) ?? atClockTime(message, now);
  return time !== null && time > now && time - now <= MAX_AHEAD_MS ? Math.ceil(time) : null;
}

function afterDuration(message: string, now: number): number | null {
  const told = /try again in ((?:\d+(?:\.\d+)?\s*[a-z]+\s*(?:,|and)?\s*)+)/i.exec(message)?.[1];
  if (told === undefined) return null;
  let total = 0;
  for (const [, amount, unit] of told.matchAll(/(\d+(?:\.\d+)?)\s*(ms|[smhd])/gi)) {
    total += Number(amount) * (UNIT_MS[(unit ?? '').toLowerCase()] ?? 0);
  }
  return now + total;
}

const CLOCK_TIME =
  /[Tt]ry again at (?:([A-Z][a-z]{2})[a-z]* (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}),? )?(\d{1,2}):(\d{2}) ?([AP])M/;

function atClockTime(message: string, now: number): number | null {
  const [all, month, day, year, hour, minute, half] = CLOCK_TIME.exec(message) ?? [];
  if (all === undefined) return null;
  // The minute is cut off, not rounded: the limit ends within it.
  const inDay = ((Number(hour) % 12) + (half === 'P' ? 12 : 0)) * HOUR_MS + (Number(minute) + 1) * MINUTE_MS;
  if (month !== undefined) return Date.UTC(Number(year), MONTHS.indexOf(month), Number(day)) + inDay;
  const today = Math.floor(now / DAY_MS) * DAY_MS + inDay;
  return today > now ? today : today + DAY_MS;
}
