import { replaceSpans, type SecretSpan } from './spans.js';

const MARK = /-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
// In a difference, a comment, a quotation and a TAP stream every line begins with a sign.
const SIGN = '(?:(?:[-#>|*]|//){1,3}[\\t ]{0,8})?';
// A line break is a real one, or the escape of one in JSON text, escaped again or not.
const BREAK = `(?:\\r?\\n[\\t ]{0,40}${SIGN}|(?:\\\\{1,4}r)?\\\\{1,4}n[\\t ]{0,8}${SIGN})`;
const LONG_LINE = 40; // a shorter run counts only if it is the whole line: it may be a word
const BODY_LINE = new RegExp(
  [
    `(?:${BREAK}|[\\t ]{1,4})?[A-Za-z0-9+/=]{${LONG_LINE},}`,
    `${BREAK}[A-Za-z0-9+/=]{1,${LONG_LINE}}(?=[\\r\\n\\\\"'\`]|-----|$)`,
    `${BREAK}[A-Za-z-]{1,30}:[^\\r\\n\\\\]{0,200}`, // the headers of an encrypted key
    `${BREAK}(?=\\r?\\n|\\\\)`,
  ].join('|'),
  'y',
);
const END_MARK = new RegExp(`(?:${BREAK}|[\\t ]{1,4})?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----`, 'y');
const BREAK_BEFORE = new RegExp(`(?:${BREAK}|[\\t ]{1,4})$`);
const BREAK_BYTES = 80;
const BEGINS_LINE = new RegExp(`(?:[\\r\\n"'\`]|\\\\n)[\\t ]{0,8}${SIGN}$`);

/** Cuts private keys out of a text, also those whose beginning or end is cut off. A mere mention of the marks stays. */
export function redactPrivateKeys(text: string): string {
  if (!text.includes('PRIVATE KEY')) return text;
  const spans: SecretSpan[] = [];
  let done = 0;
  for (const mark of text.matchAll(MARK)) {
    if (mark.index < done) continue;
    const after = mark.index + mark[0].length;
    const begins = mark[1] === 'BEGIN';
    const from = begins ? mark.index : bodyStart(text, mark.index, done);
    const to = begins ? bodyEnd(text, after) : after;
    if (from === mark.index && to === after) continue; // no body
    spans.push({ from, to, what: 'private-key' });
    done = to;
  }
  return replaceSpans(text, spans);
}

/** The end of the lines after `at` that look like the inside of a key, with the end mark if it is next. */
function bodyEnd(text: string, at: number): number {
  let end = at;
  for (let next = matchEnd(BODY_LINE, text, end); next > end; next = matchEnd(BODY_LINE, text, end)) end = next;
  return end === at ? at : Math.max(end, matchEnd(END_MARK, text, end));
}

/** Where `pattern` ends if it matches at `at`, else `at`. */
function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** The start of the lines before `at` that look like the inside of a key; never before `floor`. */
function bodyStart(text: string, at: number, floor: number): number {
  for (let start = at; ; ) {
    const gap = BREAK_BEFORE.exec(text.slice(Math.max(floor, start - BREAK_BYTES), start))?.[0].length ?? 0;
    const lineEnd = start - gap;
    let lineStart = lineEnd;
    while (lineStart > floor && /[A-Za-z0-9+/=]/.test(text.charAt(lineStart - 1))) lineStart -= 1;
    if (text.charAt(lineStart - 1) === '\\') lineStart += 1; // the n of an escaped line break
    const whole = lineStart === 0 || BEGINS_LINE.test(text.slice(Math.max(0, lineStart - 30), lineStart));
    const length = lineEnd - lineStart;
    if (length < 1 || (length < LONG_LINE && !whole)) return start;
    start = lineStart;
  }
}
