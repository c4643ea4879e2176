import type { Rows } from '../memory/rows.js';
import { damaged, newer } from './file-errors.js';
import { FORMAT, type JournalLine, readLine } from './journal-line.js';

export interface Replayed {
  /** How many bytes are whole lines; what lies beyond was never confirmed. */
  length: number;
  lines: number;
  /** How many rows and entries are written in it, counting each as often as it is there. */
  pieces: number;
}

const LINE_BREAK = 0x0a;

/**
 * Brings `kinds` to the state that a journal describes. A last line that was not written to its end is left out: nobody was
 * told that it is there. Throws `STORE_DAMAGED` for any other line that is not as it was written, and `STORE_NEWER`.
 */
export function replay(path: string, bytes: Buffer, kinds: readonly Rows<unknown>[]): Replayed {
  const rows = new Map(kinds.map((each) => [each.name, each]));
  const done: Replayed = { length: 0, lines: 0, pieces: 0 };
  let inSnapshot = false;
  while (done.length < bytes.length) {
    const number = done.lines + 1;
    const end = bytes.indexOf(LINE_BREAK, done.length);
    const text = bytes.toString('utf8', done.length, end === -1 ? bytes.length : end);
    const line = end === -1 ? null : readLine(text);
    if (!line) {
      const isLast = end === -1 || end === bytes.length - 1;
      // A snapshot is put in place as a whole, so a part of one is no torn write.
      if (isLast && !inSnapshot && !text.startsWith('{"s')) return done;
      throw damaged(path, number, 'is not what was written');
    }
    if (line.body.format > FORMAT) throw newer(path, number, line.body.format, FORMAT);
    if (line.body.number !== number) throw damaged(path, number, `says that it is line ${line.body.number}`);
    if (line.kind === 'snapshot' ? number > 1 && !inSnapshot : inSnapshot) {
      throw damaged(path, number, 'does not belong there');
    }
    done.pieces += applyLine(path, number, line, rows);
    done.length = end + 1;
    done.lines = number;
    inSnapshot = line.kind === 'snapshot' && !line.body.last;
  }
  if (inSnapshot) throw damaged(path, done.lines + 1, 'is missing');
  return done;
}

/** Returns how many rows and entries the line has. */
function applyLine(
  path: string,
  number: number,
  { body }: JournalLine,
  rows: ReadonlyMap<string, Rows<unknown>>,
): number {
  const kind = (name: string): Rows<unknown> => {
    const found = rows.get(name);
    if (!found) throw damaged(path, number, `has rows of the unknown kind "${name}"`);
    return found;
  };
  for (const [name, changed] of Object.entries(body.changes)) for (const row of changed) kind(name).load(row);
  for (const [name, keys] of Object.entries(body.gone)) for (const key of keys) kind(name).restore(key, undefined);
  const lists = [...Object.values(body.changes), ...Object.values(body.gone), body.entries];
  return lists.reduce((sum, list) => sum + list.length, 0);
}
