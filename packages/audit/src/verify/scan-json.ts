/** What a scan returns when the bytes are not canonical JSON, or need a closer look by a full parser. */
export const DOUBTFUL = -1;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const NOT_ASCII = 0x80;
// Deeper values go to the full parser, so that no line can exhaust the stack.
const MAX_DEPTH = 64;
/** Integers of so many digits are exact, whatever the digits. */
const SAFE_DIGITS = 15;
/** No canonical number is longer. */
const MAX_NUMBER = 32;
const SHORT_ESCAPES = new Set([...'btnfr"\\'].map((char) => char.charCodeAt(0)));
/** Control characters that RFC 8785 §3.2.2.2 writes by a letter: b, t, n, f, r. */
const LETTERED = new Set([0x08, 0x09, 0x0a, 0x0c, 0x0d]);
const LITERALS = ['true', 'false', 'null'].map((text) => Buffer.from(text));

/** What is told of each member of the outermost object: where its key and its value lie. */
export type MemberVisitor = (keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void;

/**
 * Returns where the string that starts at `at` ends (after its closing quote), or {@link DOUBTFUL} if it is not one in the
 * one form that RFC 8785 allows. That the bytes are UTF-8 is for the caller to have checked.
 */
export function scanString(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return DOUBTFUL;
  let i = at + 1;
  for (;;) {
    const byte = bytes[i];
    if (byte === undefined || byte < 0x20) return DOUBTFUL;
    if (byte === QUOTE) return i + 1;
    if (byte !== BACKSLASH) i += 1;
    else {
      i = scanEscape(bytes, i);
      if (i === DOUBTFUL) return DOUBTFUL;
    }
  }
}

function scanEscape(bytes: Uint8Array, at: number): number {
  const byte = bytes[at + 1] ?? 0;
  if (SHORT_ESCAPES.has(byte)) return at + 2;
  if (byte !== 0x75 || bytes[at + 2] !== ZERO || bytes[at + 3] !== ZERO) return DOUBTFUL;
  const high = (bytes[at + 4] ?? 0) - ZERO;
  const low = hexValue(bytes[at + 5] ?? 0);
  if ((high !== 0 && high !== 1) || low < 0 || LETTERED.has(high * 16 + low)) return DOUBTFUL;
  return at + 6;
}

/** The value of a hexadecimal digit in lower case, or -1. */
export function hexValue(byte: number): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}

/**
 * Returns where the canonical object that starts at `at` ends, or {@link DOUBTFUL}. Members must be sorted and their keys
 * plain ASCII; other keys are sorted by rules that only the full parser follows.
 */
export function scanObject(bytes: Uint8Array, at: number, visit?: MemberVisitor, depth = 0): number {
  if (bytes[at] !== OPEN_OBJECT || depth > MAX_DEPTH) return DOUBTFUL;
  if (bytes[at + 1] === CLOSE_OBJECT) return at + 2;
  let lastStart = 0;
  let lastEnd = 0;
  for (let i = at + 1; ; i += 1) {
    const keyEnd = scanKey(bytes, i);
    if (keyEnd === DOUBTFUL || bytes[keyEnd] !== COLON) return DOUBTFUL;
    if (lastEnd > 0 && !isSorted(bytes, lastStart, lastEnd, i + 1, keyEnd - 1)) return DOUBTFUL;
    const end = scanValue(bytes, keyEnd + 1, depth + 1);
    if (end === DOUBTFUL) return DOUBTFUL;
    visit?.(i + 1, keyEnd - 1, keyEnd + 1, end);
    if (bytes[end] === CLOSE_OBJECT) return end + 1;
    if (bytes[end] !== COMMA) return DOUBTFUL;
    lastStart = i + 1;
    lastEnd = keyEnd - 1;
    i = end;
  }
}

function scanValue(bytes: Uint8Array, at: number, depth: number): number {
  const first = bytes[at] ?? 0;
  if (first === QUOTE) return scanString(bytes, at);
  if (first === OPEN_OBJECT) return scanObject(bytes, at, undefined, depth);
  if (first === OPEN_LIST) return scanList(bytes, at, depth);
  if (first === MINUS || (first >= ZERO && first <= NINE)) return scanNumber(bytes, at);
  const literal = LITERALS.find((each) => startsWith(bytes, at, each));
  return literal ? at + literal.length : DOUBTFUL;
}

function scanList(bytes: Uint8Array, at: number, depth: number): number {
  if (depth > MAX_DEPTH) return DOUBTFUL;
  if (bytes[at + 1] === CLOSE_LIST) return at + 2;
  for (let i = at + 1; ; i += 1) {
    i = scanValue(bytes, i, depth + 1);
    if (i === DOUBTFUL) return DOUBTFUL;
    if (bytes[i] === CLOSE_LIST) return i + 1;
    if (bytes[i] !== COMMA) return DOUBTFUL;
  }
}

/** A number is canonical if it is what ECMAScript writes for its value (RFC 8785 §3.2.2.3). */
function scanNumber(bytes: Uint8Array, at: number): number {
  const start = bytes[at] === MINUS ? at + 1 : at;
  let end = start;
  while (isDigit(bytes[end] ?? 0)) end += 1;
  const isPlain = !isNumberByte(bytes[end] ?? 0) && end - start <= SAFE_DIGITS;
  if (isPlain && (bytes[start] !== ZERO || (end - start === 1 && start === at))) return end > start ? end : DOUBTFUL;
  while (isNumberByte(bytes[end] ?? 0)) end += 1;
  const text = String.fromCharCode(...bytes.subarray(at, Math.min(end, at + MAX_NUMBER)));
  return end - at <= MAX_NUMBER && JSON.stringify(Number(text)) === text ? end : DOUBTFUL;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isNumberByte(byte: number): boolean {
  // 0-9 . - + e
  return (byte >= ZERO && byte <= NINE) || byte === 0x2e || byte === MINUS || byte === 0x2b || byte === 0x65;
}

function scanKey(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return DOUBTFUL;
  for (let i = at + 1; ; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === QUOTE) return i + 1;
    if (byte < 0x20 || byte === BACKSLASH || byte >= NOT_ASCII) return DOUBTFUL;
  }
}

/** True if the first range of bytes sorts strictly before the second. */
function isSorted(bytes: Uint8Array, start: number, end: number, nextStart: number, nextEnd: number): boolean {
  const length = Math.min(end - start, nextEnd - nextStart);
  for (let i = 0; i < length; i++) {
    const difference = (bytes[start + i] as number) - (bytes[nextStart + i] as number);
    if (difference !== 0) return difference < 0;
  }
  return end - start < nextEnd - nextStart;
}

/** True if `expected` stands at `at`. */
export function startsWith(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}
