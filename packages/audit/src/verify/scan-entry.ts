import { HASH_BYTES, type PackedHash } from '../merkle/leaf.js';
import { DOUBTFUL, hexValue, scanObject, scanString, startsWith } from './scan-json.js';

const part = (text: string): Buffer => Buffer.from(text);

/** The members of an entry in canonical order, with everything between their values. */
const ACTOR = part('{"actor":');
const DATA = part(',"data":');
const ID = part(',"datacontenttype":"application/json","id":');
const PREVHASH = part(',"prevhash":"sha256:');
const SEQUENCE = part('","sequence":"');
const SOURCE = part('","source":');
const SUBJECT = part(',"specversion":"1.0","subject":');
const TIME = part(',"time":');
const TYPE = part(',"type":"dev.signalbox.');
const VERSION = part('.v1"}');
const TASK = part('task');
const TASK_SUBJECT = part('task/');
const SEQUENCE_DIGITS = 20;
const LAST_DIGITS = 15;
const ZERO = 0x30;
const BACKSLASH = 0x5c;

const NO_DIGIT = 0x1000;
/** The values of the hexadecimal digits in lower case; for any other byte more than two digits can state. */
const HEX = Uint16Array.from({ length: 256 }, (_, byte) => (hexValue(byte) < 0 ? NO_DIGIT : hexValue(byte)));

/** Where the things lie that the chain and the indexes care about. Reused from line to line. */
export interface ScannedEntry {
  /** After the line. */
  end: number;
  kindStart: number;
  kindEnd: number;
  subjectStart: number;
  subjectEnd: number;
  /** The task that `data` names and the subject does not; `taskEnd` is 0 if there is none. */
  taskStart: number;
  taskEnd: number;
}

export function createScan(): ScannedEntry {
  return { end: 0, kindStart: 0, kindEnd: 0, subjectStart: 0, subjectEnd: 0, taskStart: 0, taskEnd: 0 };
}

/**
 * Reads the line at `start` as entry number `seq` that quotes `previous`, in exactly the canonical form that this version
 * writes. Returns false for everything else: that line is for the full parser to judge. The bytes must be UTF-8.
 */
export function scanEntry(
  bytes: Buffer,
  start: number,
  seq: number,
  previous: PackedHash,
  into: ScannedEntry,
): boolean {
  // A doubtful place is before the first byte, where nothing is found: doubt is handed on without asking for it each time.
  let at = scanText(bytes, after(bytes, start, ACTOR));
  at = scanData(bytes, after(bytes, at, DATA), into);
  at = scanText(bytes, after(bytes, at, ID));
  at = after(bytes, at, PREVHASH);
  if (at === DOUBTFUL || !quotes(bytes, at, previous)) return false;
  at = after(bytes, at + 2 * HASH_BYTES, SEQUENCE);
  if (at === DOUBTFUL || !isNumbered(bytes, at, seq)) return false;
  at = after(bytes, at + SEQUENCE_DIGITS, SOURCE);
  return scanTail(bytes, scanString(bytes, at), into);
}

function scanTail(bytes: Buffer, from: number, into: ScannedEntry): boolean {
  const subject = after(bytes, from, SUBJECT);
  const subjectEnd = scanText(bytes, subject);
  const time = after(bytes, subjectEnd, TIME);
  const kind = after(bytes, scanText(bytes, time), TYPE);
  if (kind === DOUBTFUL) return false;
  let at = kind;
  while (isKindByte(bytes[at] ?? 0)) at += 1;
  into.subjectStart = subject + 1;
  into.subjectEnd = subjectEnd - 1;
  into.kindStart = kind;
  // The letters of ".v1" are letters of a kind too.
  into.kindEnd = at - 3;
  if (into.kindEnd <= kind || !startsWith(bytes, into.kindEnd, VERSION)) return false;
  into.end = into.kindEnd + VERSION.length;
  return noteTask(bytes, into);
}

/** Drops the task that `data` names if the subject says it already, as the column does. */
function noteTask(bytes: Buffer, into: ScannedEntry): boolean {
  const { subjectStart, subjectEnd, taskStart, taskEnd } = into;
  if (hasEscape(bytes, subjectStart, subjectEnd) || hasEscape(bytes, taskStart, taskEnd)) return false;
  const idStart = subjectStart + TASK_SUBJECT.length;
  const says =
    startsWith(bytes, subjectStart, TASK_SUBJECT) && sameBytes(bytes, idStart, subjectEnd, taskStart, taskEnd);
  if (taskEnd > 0 && says) into.taskEnd = 0;
  return true;
}

function scanData(bytes: Buffer, at: number, into: ScannedEntry): number {
  into.taskStart = 0;
  into.taskEnd = 0;
  return scanObject(bytes, at, (keyStart, keyEnd, valueStart, valueEnd) => {
    if (keyEnd - keyStart !== TASK.length || !startsWith(bytes, keyStart, TASK) || bytes[valueStart] !== 0x22) return;
    into.taskStart = valueStart + 1;
    into.taskEnd = valueEnd - 1;
  });
}

/** A string that is not empty. */
function scanText(bytes: Buffer, at: number): number {
  const end = scanString(bytes, at);
  return end === at + 2 ? DOUBTFUL : end;
}

function after(bytes: Buffer, at: number, expected: Buffer): number {
  return startsWith(bytes, at, expected) ? at + expected.length : DOUBTFUL;
}

function quotes(bytes: Buffer, at: number, previous: PackedHash): boolean {
  for (let i = 0; i < HASH_BYTES; i++) {
    const high = HEX[bytes[at + 2 * i] ?? 0] as number;
    const low = HEX[bytes[at + 2 * i + 1] ?? 0] as number;
    if (high * 16 + low !== previous.charCodeAt(i)) return false;
  }
  return true;
}

function isNumbered(bytes: Buffer, at: number, seq: number): boolean {
  let stated = 0;
  for (let i = 0; i < SEQUENCE_DIGITS; i++) {
    const digit = (bytes[at + i] ?? 0) - ZERO;
    if (digit < 0 || digit > 9 || (i < SEQUENCE_DIGITS - LAST_DIGITS && digit !== 0)) return false;
    stated = stated * 10 + digit;
  }
  return stated === seq;
}

function isKindByte(byte: number): boolean {
  // a-z 0-9 - . _
  return (
    (byte >= 0x61 && byte <= 0x7a) || (byte >= ZERO && byte <= 0x39) || byte === 0x2d || byte === 0x2e || byte === 0x5f
  );
}

function hasEscape(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === BACKSLASH) return true;
  return false;
}

/** True if two ranges hold the same bytes. */
export function sameBytes(bytes: Buffer, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  for (let i = 0; i < end - start; i++) if (bytes[start + i] !== bytes[otherStart + i]) return false;
  return true;
}
