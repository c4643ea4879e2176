import { isMarkerAt, markSecret } from './marker.js';

/** A secret in a text: `[from, to)` in UTF-16 code units. */
export interface SecretSpan {
  from: number;
  to: number;
  what: string;
}

const ESCAPABLE = /["\\/bfnrtu]/;
const HEX4 = /^[0-9a-fA-F]{4}$/;

/**
 * Replaces spans, which may overlap, by markers. A span that would cut a JSON escape in two is widened by it, so that what was
 * valid JSON before is valid JSON afterwards.
 */
export function replaceSpans(text: string, spans: readonly SecretSpan[]): string {
  if (spans.length === 0) return text;
  let result = '';
  let done = 0;
  for (const { from, to, what } of mergeSpans(text, spans)) {
    result += text.slice(done, from) + markSecret(what, text.slice(from, to));
    done = to;
  }
  return result + text.slice(done);
}

function mergeSpans(text: string, spans: readonly SecretSpan[]): SecretSpan[] {
  const merged: SecretSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from || b.to - a.to)) {
    if (isMarkerAt(text, span.from, span.to)) continue;
    const last = merged.at(-1);
    const wide = widen(text, span, last?.to ?? 0);
    if (last && wide.from < last.to) last.to = Math.max(last.to, wide.to);
    else merged.push(wide);
  }
  return merged;
}

function widen(text: string, { from, to, what }: SecretSpan, floor: number): SecretSpan {
  const start = escapeAround(text, from, floor);
  const end = escapeAround(text, to, floor);
  return { from: start?.from ?? from, to: end?.to ?? to, what };
}

/** The escape that begins before `at` and ends after it, if there is one. */
function escapeAround(text: string, at: number, floor: number): { from: number; to: number } | undefined {
  for (let back = 1; back <= 5 && at - back >= floor; back++) {
    const slash = at - back;
    if (text[slash] !== '\\') continue;
    if (!isEscape(text, slash, floor)) return undefined;
    const length = text[slash + 1] === 'u' && HEX4.test(text.slice(slash + 2, slash + 6)) ? 6 : 2;
    const isCut = back < length && ESCAPABLE.test(text[slash + 1] ?? '');
    return isCut ? { from: slash, to: slash + length } : undefined;
  }
  return undefined;
}

/** A backslash escapes what follows if the number of backslashes before it is even. The run is looked at once per span. */
function isEscape(text: string, slash: number, floor: number): boolean {
  let first = slash;
  while (first > floor && text[first - 1] === '\\') first -= 1;
  return (slash - first) % 2 === 0;
}
