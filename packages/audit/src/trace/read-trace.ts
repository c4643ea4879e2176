import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { AuditError } from '../errors.js';
import { countParts, tracePath } from './trace-files.js';
import type { TraceRecord } from './trace-record.js';

/**
 * The records of an attempt, through all parts, oldest first, streaming. A line that a crash cut off comes as `torn` and ends
 * nothing. Throws `NOT_FOUND` if there is no trace.
 */
export async function* readTrace(folder: string, attempt: string): AsyncGenerator<TraceRecord> {
  const parts = countParts(folder, attempt);
  if (parts === 0) {
    throw new AuditError({
      code: 'NOT_FOUND',
      message: `There is no trace of ${attempt}.`,
      hint: 'It is kept in the state of the project where the attempt ran.',
    });
  }
  for (let part = 1; part <= parts; part++) {
    const input = createReadStream(tracePath(folder, attempt, part));
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line !== '') yield parseRecord(line);
    }
  }
}

function parseRecord(line: string): TraceRecord {
  try {
    const record: unknown = JSON.parse(line);
    if (isRecord(record)) return record;
  } catch {
    // Falls through: whatever is no record is torn.
  }
  return { at: '', type: 'torn', bytes: Buffer.byteLength(line) };
}

function isRecord(value: unknown): value is TraceRecord {
  const { at, type } = (value ?? {}) as Partial<TraceRecord>;
  return typeof at === 'string' && typeof type === 'string';
}
