import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { AuditError } from '../errors.js';

const NEWLINE = 0x0a;
const CHUNK = 256 * 1024;
/** The longest line that is read, in bytes: what has no newline for so long is no file of lines. */
const MAX_LINE = 256 * 1024 * 1024;

/** Some whole lines of a file. */
export interface LineChunk {
  /** The lines, from byte 1 on; the byte before each line may be overwritten. Valid until the next chunk is asked for. */
  bytes: Buffer;
  /** Where the last line ends, without its newline. */
  end: number;
  /** Where in the file byte 1 lies. */
  offset: number;
  /** True for the rest of a file that does not end with a newline: such a line was torn while it was written. */
  torn: boolean;
}

/** Reads a file of lines in chunks, in memory that only the longest line bounds. */
export function* readLineChunks(file: string): Generator<LineChunk> {
  const handle = openSync(file, 'r');
  try {
    let bytes: Buffer = Buffer.allocUnsafe(1 + CHUNK);
    let filled = 1;
    let offset = 0;
    for (;;) {
      if (filled === bytes.length) bytes = enlarge(file, bytes);
      const read = readSync(handle, bytes, filled, bytes.length - filled, null);
      if (read === 0) break;
      filled += read;
      const end = bytes.lastIndexOf(NEWLINE, filled - 1);
      if (end < 1) continue;
      yield { bytes, end, offset, torn: false };
      bytes.copyWithin(1, end + 1, filled);
      offset += end;
      filled -= end;
    }
    if (filled > 1) yield { bytes, end: filled, offset, torn: true };
  } finally {
    closeSync(handle);
  }
}

/** The last line of a file, which may lack its newline, and where it starts. An empty file has an empty one. */
export function readLastLine(file: string): { start: number; line: string } {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    for (let length = Math.min(size, CHUNK); ; length = Math.min(size, 2 * length)) {
      const bytes = Buffer.alloc(length);
      readSync(handle, bytes, 0, length, size - length);
      const end = bytes[length - 1] === NEWLINE ? length - 1 : length;
      const newline = bytes.subarray(0, end).lastIndexOf(NEWLINE);
      if (newline < 0 && length < size && length < MAX_LINE) continue;
      return { start: size - length + newline + 1, line: bytes.toString('utf8', newline + 1, end) };
    }
  } finally {
    closeSync(handle);
  }
}

/** The lines of a file as text, one at a time. `torn` lines are left out. */
export function* readFileLines(file: string): Generator<string> {
  for (const { bytes, end, torn } of readLineChunks(file)) {
    if (torn) return;
    for (let start = 1; start <= end; ) {
      const next = bytes.indexOf(NEWLINE, start);
      yield bytes.toString('utf8', start, next);
      start = next + 1;
    }
  }
}

function enlarge(file: string, bytes: Buffer): Buffer {
  if (bytes.length > MAX_LINE) {
    throw new AuditError({
      code: 'LEDGER_DAMAGED',
      message: `${file} has a line of more than ${MAX_LINE} bytes.`,
      hint: 'It is not a file of ledger entries.',
    });
  }
  const larger = Buffer.allocUnsafe(2 * bytes.length);
  bytes.copy(larger);
  return larger;
}
