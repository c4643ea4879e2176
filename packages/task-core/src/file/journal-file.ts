import { canonicalJson, type JournalEntry } from '@signalbox/kernel';
import type { RowChange } from '../memory/change-log.js';
import type { Commit } from '../memory/memory-writer.js';
import type { Rows } from '../memory/rows.js';
import type { Disk } from './disk.js';
import { closed, failed } from './file-errors.js';
import { type RowTexts, writeLine } from './journal-line.js';
import { replay } from './replay.js';

/** How many times as much as there is may be written in a journal before it is written afresh. */
const GROWTH = 4;
/** How many rows a line of a snapshot has: bounds how much text is in memory at once. */
const SNAPSHOT_ROWS = 1_000;

interface Part {
  rows: RowTexts;
  entries: string[];
}

export interface JournalFile extends Commit<Part> {
  close(): void;
}

/**
 * Reads the journal at `path` into `kinds`, and then appends to it. One commit is one line, synced. From `compactAt` bytes
 * on, a journal most of which is out of date is written afresh: beside the old one, synced, and put in its place.
 */
export function openJournalFile(
  disk: Disk,
  path: string,
  kinds: readonly Rows<unknown>[],
  compactAt: number,
): JournalFile {
  const fresh = `${path}.new`;
  let state: 'open' | 'broken' | 'closed' = 'open';
  const at = read();
  let file = guard(() => openAt(at.length));

  function read() {
    const bytes = guard(() => {
      disk.remove(fresh);
      return disk.read(path);
    });
    return bytes ? replay(path, bytes, kinds) : { length: 0, lines: 0, pieces: 0 };
  }

  function guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      state = 'broken';
      throw failed(path, error);
    }
  }

  function openAt(length: number): number {
    const opened = disk.open(path);
    disk.truncate(opened, length);
    disk.sync(opened);
    disk.syncFolderOf(path);
    return opened;
  }

  function append(text: string, pieces: number): void {
    disk.append(file, text);
    disk.sync(file);
    at.length += Buffer.byteLength(text);
    at.lines += 1;
    at.pieces += pieces;
  }

  function there(): number {
    return kinds.reduce((sum, { size }) => sum + size, 0);
  }

  function compact(): void {
    const written = writeSnapshot(disk, fresh, kinds);
    disk.rename(fresh, path);
    disk.syncFolderOf(path);
    disk.close(file);
    file = disk.open(path);
    Object.assign(at, { ...written, pieces: there() });
  }

  return {
    prepare(changes, entries) {
      if (state === 'closed') throw closed(path);
      if (state === 'broken') throw failed(path, 'an earlier write failed');
      return { rows: textsOf(changes), entries: entries.map((entry: JournalEntry) => canonicalJson(entry)) };
    },
    commit(parts) {
      const { rows, entries } = joined(parts);
      if (rows.size === 0 && entries.length === 0) return;
      const pieces = [...rows.values()].reduce((sum, texts) => sum + texts.size, entries.length);
      guard(() => append(writeLine('commit', at.lines + 1, rows, { entries }), pieces));
      // What was asked for is done by now, so its callers are not told if this fails; the next ones are.
      if (at.length > compactAt && at.pieces > GROWTH * there()) quietly(compact);
    },
    close() {
      if (state !== 'closed') disk.close(file);
      state = 'closed';
    },
  };

  function quietly(work: () => void): void {
    try {
      guard(work);
    } catch {
      // `guard` has noted it.
    }
  }
}

/** Writes everything that is there, synced, and returns how much that was. */
function writeSnapshot(disk: Disk, path: string, kinds: readonly Rows<unknown>[]): { length: number; lines: number } {
  disk.remove(path);
  const file = disk.open(path);
  const written = { length: 0, lines: 0 };
  const write = (name: string, rows: Map<string, string>, last: boolean): void => {
    const text = writeLine('snapshot', written.lines + 1, new Map([[name, rows]]), { last });
    disk.append(file, text);
    written.length += Buffer.byteLength(text);
    written.lines += 1;
  };
  try {
    for (const { name, all } of kinds) {
      let rows = new Map<string, string>();
      for (const row of all()) {
        rows.set(String(rows.size), canonicalJson(row));
        if (rows.size < SNAPSHOT_ROWS) continue;
        write(name, rows, false);
        rows = new Map();
      }
      if (rows.size > 0) write(name, rows, false);
    }
    write('task', new Map(), true);
    disk.sync(file);
  } finally {
    disk.close(file);
  }
  return written;
}

/** What has become of each row that was changed. */
function textsOf(changes: readonly RowChange[]): RowTexts {
  const texts: RowTexts = new Map();
  for (const { rows, key } of changes) {
    const ofKind = texts.get(rows.name) ?? new Map<string, string | null>();
    texts.set(rows.name, ofKind);
    if (ofKind.has(key)) continue;
    const row = rows.get(key);
    ofKind.set(key, row === undefined ? null : canonicalJson(row));
  }
  return texts;
}

function joined(parts: readonly Part[]): Part {
  const rows: RowTexts = new Map();
  for (const part of parts) {
    for (const [name, texts] of part.rows) rows.set(name, new Map([...(rows.get(name) ?? []), ...texts]));
  }
  return { rows, entries: parts.flatMap((part) => part.entries) };
}
