import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { isoTime } from '@signalbox/kernel';
import { AuditError } from '../errors.js';
import { unpackHash } from '../merkle/leaf.js';
import { walkLines } from '../verify/pass-lines.js';
import { Walk } from '../verify/walk.js';
import { formatEntry } from './entry.js';
import type { LedgerEnvironment } from './ledger.js';
import { readLineChunks } from './line-file.js';

/** What was lost of a file of lines, and the entry that says so. */
export interface Recovery {
  /** Bytes of the torn line that were cut off. */
  lostBytes: number;
  /** `seq` and text of the `log.recovered` entry, now the last line of the file. */
  seq: number;
  line: string;
}

const CHUNK = 64 * 1024;

/**
 * Cuts the torn last line off a file of entries (an export, a segment, any log kept as lines) and puts a `log.recovered`
 * entry in its place, chained to the last whole line, which counts what was lost. Returns `undefined` if the file ends with
 * a newline: nothing was torn. What was cut from an export is never closed by its old checkpoint again.
 *
 * Throws `LEDGER_DAMAGED` if there is no whole entry before the torn line, or if those are not sound.
 */
export function recoverLineFile(file: string, env: Omit<LedgerEnvironment, 'segments'>): Recovery | undefined {
  const walk = new Walk([]);
  let torn: number | undefined;
  for (const chunk of readLineChunks(file)) {
    if (chunk.torn) torn = chunk.offset;
    else walkLines(walk, chunk.bytes, chunk.end);
  }
  if (torn === undefined) return undefined;
  const { state } = walk;
  if (!state) throw damaged(file, walk.finish(undefined)?.reason ?? 'it holds no whole entry');
  const handle = openSync(file, 'r+');
  try {
    const { size } = fstatSync(handle);
    const lostBytes = size - torn;
    const subject = `log/${state.origin.slice(state.origin.lastIndexOf('/') + 1)}`;
    const data = { file: basename(file), lostBytes, lostLines: 1, digest: digestFrom(handle, torn, size) };
    const seq = walk.entries + 1;
    const line = formatEntry(
      { kind: 'log.recovered', actor: 'system', subject, data },
      {
        seq,
        id: env.ids('ent'),
        time: isoTime(env.clock.now()),
        source: env.source,
        previousLeaf: unpackHash(state.lastLeaf),
      },
    );
    const bytes = Buffer.from(`${line}\n`);
    // First written, then cut: after a crash in between, the rest of the torn line is found and counted again.
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at, bytes.length - at, torn + at);
    fsyncSync(handle);
    ftruncateSync(handle, torn + bytes.length);
    fsyncSync(handle);
    return { lostBytes, seq, line };
  } finally {
    closeSync(handle);
  }
}

/** What was lost may turn up again, in a backup say: its digest tells. */
function digestFrom(handle: number, start: number, end: number): string {
  const hasher = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK);
  for (let at = start; at < end; ) {
    const read = readSync(handle, buffer, 0, Math.min(CHUNK, end - at), at);
    if (read === 0) break;
    hasher.update(buffer.subarray(0, read));
    at += read;
  }
  return `sha256:${hasher.digest('hex')}`;
}

function damaged(file: string, why: string): AuditError {
  return new AuditError({
    code: 'LEDGER_DAMAGED',
    message: `${file} cannot be recovered: ${why}`,
    hint: 'Restore it from a backup; only a torn last line can be cut off.',
  });
}
