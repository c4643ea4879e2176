import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SqlDatabase, SqlRow } from '@signalbox/kernel/sqlite';
import { AuditError } from '../errors.js';
import { readFileLines } from './line-file.js';

/** Old entries that lie in a file of their own instead of the database. */
export interface Segment {
  /** `seq` of the first and of the last entry in it. */
  first: number;
  last: number;
  /** Name within the folder of segments. */
  file: string;
  bytes: number;
  /** SHA-256 of the whole file, `sha256:…`. */
  digest: string;
  /** The last line of the file: a signed checkpoint over everything up to `last`. */
  closing: string;
  /** The lines in it by which a key was replaced: whoever checks signatures needs them before anything else. */
  rotations: string[];
}

/** The folder of a database's segments, unless its owner says another. */
export function segmentsFolder(db: SqlDatabase, folder?: string): string {
  return folder ?? join(dirname(db.file), 'segments');
}

/** Every sealed segment, oldest first. */
export function listSegments(db: SqlDatabase): Segment[] {
  return db.prepare('SELECT * FROM ledger_segment ORDER BY first').all().map(toSegment);
}

/** The lines of a segment, without the closing one. Throws `SEGMENT_MISSING` if its file is gone. */
export function* readSegment(folder: string, segment: Segment): Generator<{ seq: number; line: string }> {
  const path = join(folder, segment.file);
  if (!existsSync(path)) throw segmentMissing(path, segment);
  let seq = segment.first;
  for (const line of readFileLines(path)) {
    if (seq > segment.last) return;
    yield { seq, line };
    seq += 1;
  }
}

function toSegment(row: SqlRow): Segment {
  return {
    first: Number(row['first']),
    last: Number(row['last']),
    file: String(row['file']),
    bytes: Number(row['bytes']),
    digest: String(row['digest']),
    closing: String(row['closing']),
    rotations: parseLines(String(row['rotations'])),
  };
}

/** Garbled text gives no lines: then a later key counts as unknown, which verification reports. */
function parseLines(text: string): string[] {
  try {
    const lines: unknown = JSON.parse(text);
    return Array.isArray(lines) ? lines.map(String) : [];
  } catch {
    return [];
  }
}

function segmentMissing(path: string, { first, last }: Segment): AuditError {
  return new AuditError({
    code: 'SEGMENT_MISSING',
    message: `The sealed segment ${path} with entries ${first} to ${last} is not there.`,
    hint: 'Put the file back from a backup; the entries in it exist nowhere else.',
    details: { first, last },
  });
}
