import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AuditError } from '../errors.js';

/** The parts of a trace in order: `<attempt>.jsonl`, `<attempt>.2.jsonl`, … */
export function tracePath(folder: string, attempt: string, part: number): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,199}$/.test(attempt)) {
    throw new AuditError({
      code: 'TRACE_FAILED',
      message: `"${attempt}" cannot name the trace of an attempt.`,
      hint: 'Give the id of the attempt: letters, digits, dashes and underscores.',
    });
  }
  return join(folder, part === 1 ? `${attempt}.jsonl` : `${attempt}.${part}.jsonl`);
}

/** How many parts there are, without a gap. */
export function countParts(folder: string, attempt: string): number {
  let parts = 0;
  while (existsSync(tracePath(folder, attempt, parts + 1))) parts += 1;
  return parts;
}

export interface TraceFiles {
  /** The part that is written to. */
  readonly file: string;
  /** Bytes of all parts. */
  readonly bytes: number;
  /** Appends a line with its newline. */
  append(line: string): void;
  close(): void;
}

/**
 * Opens the last part of a trace, or its first, through one descriptor; a full part is closed and the next one begun. What an
 * earlier process left half-written gets a line of its own.
 */
export function openTraceFiles(folder: string, attempt: string, rotateBytes: number): TraceFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let part = Math.max(1, countParts(folder, attempt));
  let total = 0;
  for (let i = 1; i < part; i++) total += statSync(tracePath(folder, attempt, i)).size;
  let file = tracePath(folder, attempt, part);
  let descriptor = openSync(file, 'a+', 0o600);
  let size = fstatSync(descriptor).size;
  total += size;

  const write = (text: string): void => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    size += bytes.length;
    total += bytes.length;
  };
  if (size > 0 && !endsWithNewline(descriptor, size)) write('\n');
  return {
    get file() {
      return file;
    },
    get bytes() {
      return total;
    },
    append(line) {
      if (size > 0 && size + Buffer.byteLength(line) > rotateBytes) {
        const next = tracePath(folder, attempt, part + 1);
        const opened = openSync(next, 'a', 0o600);
        closeSync(descriptor);
        descriptor = opened;
        file = next;
        part += 1;
        size = 0;
      }
      write(line);
    },
    close: () => closeSync(descriptor),
  };
}

function endsWithNewline(descriptor: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}
