import { type Clock, isoTime, type Json } from '@signalbox/kernel';
import { AuditError } from '../errors.js';
import { createRedactor, type Redactor } from '../redact/redactor.js';
import { createRawLines, type RawLines } from './raw-lines.js';
import { openTraceFiles } from './trace-files.js';
import { NOISY, type TraceFields, type TraceType } from './trace-record.js';

/** Everything that one attempt was told, said and asked, a JSON line each, redacted before it touches the disk. */
export interface Trace {
  /** The first part; a rotated trace has more beside it, see {@link readTrace}. */
  readonly file: string;
  /**
   * Appends a record. It never throws: a trace must not end the attempt that it is of. After a failure of the disk nothing
   * more is written, and {@link Trace.close} says so.
   */
  write<Type extends TraceType>(type: Type, fields: TraceFields[Type]): void;
  /** Raw output as it comes, in chunks cut anywhere; it is written a line a record. `stream` is `stdout` or `stderr`. */
  raw(stream: string, chunk: string | Uint8Array): void;
  /**
   * Writes what is left of the raw output and how much was dropped. Closing twice is harmless; what is written afterwards is
   * dropped. Throws `TRACE_FAILED` with the first failure to write.
   */
  close(): Promise<void>;
}

export interface TraceOptions {
  clock: Pick<Clock, 'now'>;
  /** Default: one that knows no values. */
  redactor?: Redactor;
  /**
   * Bytes of all parts together. Default: 64 MiB. Of them an eighth is kept for what is not raw output or an event, so that an
   * agent cannot drown what it was permitted.
   */
  maxBytes?: number;
  /** Bytes of one part. Default: 16 MiB. A record larger than that makes a part of its own. */
  rotateBytes?: number;
}

const MAX_BYTES = 64 * 1024 * 1024;
const ROTATE_BYTES = 16 * 1024 * 1024;
/** For the two records that say what was dropped. */
const LAST_WORDS = 512;

/** Opens the trace of an attempt in `folder`, going on with what an earlier process left. */
export function openTrace(folder: string, attempt: string, options: TraceOptions): Trace {
  const { clock, redactor = createRedactor(), maxBytes = MAX_BYTES, rotateBytes = ROTATE_BYTES } = options;
  const files = openTraceFiles(folder, attempt, rotateBytes);
  const first = files.file;
  const streams = new Map<string, RawLines>();
  const dropped = { records: 0, bytes: 0 };
  let failure: unknown;
  let isClosed = false;

  const append = (line: string): void => {
    if (isClosed || failure !== undefined) return;
    try {
      files.append(line);
    } catch (error) {
      failure = error;
    }
  };
  const lineOf = (type: string, fields: Record<string, unknown>, isClean = false): string => {
    const clean = isClean ? fields : redactor.json(toJson(fields));
    const { at: _at, type: _type, ...own } = clean as Record<string, Json>;
    return `${JSON.stringify({ at: isoTime(clock.now()), type, ...own })}\n`;
  };
  const record = (type: string, fields: Record<string, unknown>, isClean = false): void => {
    const line = lineOf(type, fields, isClean);
    const bytes = Buffer.byteLength(line);
    const room = (NOISY.has(type) ? maxBytes - Math.floor(maxBytes / 8) : maxBytes) - LAST_WORDS;
    if (files.bytes + bytes <= room) {
      append(line);
      return;
    }
    if (dropped.records === 0) append(lineOf('capped', { maxBytes }));
    dropped.records += 1;
    dropped.bytes += bytes;
  };
  const recordRaw = (stream: string, lines: readonly string[]): void => {
    // Redacted as lines already, and there can be a million of them.
    for (const text of lines) record('raw', { stream, text }, true);
  };
  return {
    file: first,
    write: (type, fields) => record(type, type === 'environment' ? onlyNames(fields) : fields),
    raw(stream, chunk) {
      const lines = streams.get(stream) ?? createRawLines(redactor);
      streams.set(stream, lines);
      recordRaw(stream, lines.push(chunk));
    },
    async close() {
      if (!isClosed) {
        for (const [stream, lines] of streams) recordRaw(stream, lines.end());
        if (dropped.records > 0) append(lineOf('dropped', dropped));
        isClosed = true;
        files.close();
      }
      if (failure !== undefined) throw unwritable(first, failure);
    },
  };
}

/** A caller that passes `NAME=value`, or more than names, does not get a value to the disk. */
function onlyNames(fields: object): { names: string[] } {
  const { names } = fields as TraceFields['environment'];
  return { names: names.map((name) => name.replace(/=.*$/s, '')) };
}

/** What JSON would make of it; a value that it cannot carry is named, not lost in silence. */
function toJson(fields: Record<string, unknown>): Json {
  try {
    return JSON.parse(JSON.stringify(fields)) as Json;
  } catch {
    return { unreadable: 'The record could not be written as JSON.' };
  }
}

function unwritable(file: string, cause: unknown): AuditError {
  return new AuditError({
    code: 'TRACE_FAILED',
    message: `The trace ${file} could not be written to the end.`,
    hint: 'Make room on the disk; the attempt itself went on, but not everything it said is on record.',
    cause,
  });
}
