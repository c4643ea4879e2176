import { usage } from './errors.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s`, `5m`, `2h` in milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  const unit = UNITS[match?.[2] ?? ''];
  if (!match || unit === undefined) throw usage(`"${text}" is not a duration.`, 'Write it as 30s, 5m or 2h.');
  return Math.round(Number(match[1]) * unit);
}

/** A time in ISO 8601, or a duration from now. */
export function parseTime(text: string, now: number): string {
  const isDuration = /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text);
  // What else a Date reads, such as "12", means a month of 2001 to it and something else to whoever wrote it.
  const time = isDuration ? now + parseDuration(text) : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  const date = new Date(time);
  if (Number.isNaN(date.getTime()))
    throw usage(`"${text}" is not a time.`, 'Write it as 2026-12-31T09:00:00Z, or as a duration from now.');
  return date.toISOString();
}

/** A time in ISO 8601, or a duration before now, in milliseconds since the epoch. */
export function parseMoment(text: string, now: number): number {
  if (/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text)) return now - parseDuration(text);
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw usage(`"${text}" is not a time.`, 'Write it as 2026-12-31T09:00:00Z, or as a duration before now: 2h.');
}

/** `key=value` pairs. Throws a usage error for one without `=`. */
export function parsePairs(pairs: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw usage(`${option} takes key=value, not "${pair}".`, `For example: ${option} area=api`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

export function parseInteger(text: string, option: string, min: number, max: number): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= min && value <= max) return value;
  throw usage(`${option} takes a whole number from ${min} to ${max}, not "${text}".`, 'See the command with --help.');
}

export function parseDollars(text: string, option: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw usage(`${option} takes an amount of US dollars above 0, such as 2 or 0.50, not "${text}".`, 'See --help.');
}

/** For options that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
