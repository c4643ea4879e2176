import { isUtf8 } from 'node:buffer';
import type { Walk } from './walk.js';

const NEWLINE = 0x0a;

/**
 * Takes up to `limit` lines of `bytes` into the walk: each one quickly if all is well with it, else by the full parser. The
 * first line starts at 1, since the byte before every line is overwritten; the last one ends at `end`, without its newline.
 * Returns where the first line starts that was not taken; beyond `end` if there is none.
 */
export function walkLines(walk: Walk, bytes: Buffer, end: number, limit = Number.MAX_SAFE_INTEGER): number {
  const lines = bytes.subarray(0, end);
  const isText = isUtf8(lines.subarray(1));
  let start = 1;
  for (let taken = 0; start <= end && taken < limit; taken++) {
    let next = isText ? walk.pass(lines, start, false) : -1;
    if (next < 0) {
      const newline = lines.indexOf(NEWLINE, start);
      next = newline < 0 ? end : newline;
      walk.step({ seq: walk.entries + 1, line: lines.toString('utf8', start, next) });
    }
    start = next + 1;
  }
  return start;
}
