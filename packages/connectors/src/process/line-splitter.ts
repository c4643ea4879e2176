import type { OutputLine } from './types.js';

/** A line of more bytes is cut: 32 MiB, since agents put whole files into one line of JSON. */
export const MAX_LINE_BYTES = 32 * 1024 * 1024;

const NEWLINE = 10;

export interface LineSplitter {
  /** The lines that this chunk completes. */
  push(chunk: Buffer): OutputLine[];
  /** The last line, when the stream ended inside it. */
  end(): OutputLine[];
}

/** Splits the bytes of one stream into lines. Keeps at most `limit` bytes of a line and drops the rest of it. */
export function createLineSplitter(stream: 'out' | 'err', limit: number = MAX_LINE_BYTES): LineSplitter {
  let parts: Buffer[] = [];
  let size = 0;
  let long = false;

  const keep = (piece: Buffer): void => {
    const room = limit - size;
    if (piece.length > room) long = true;
    const kept = piece.subarray(0, room);
    parts.push(kept);
    size += kept.length;
  };
  const take = (half: boolean): OutputLine => {
    const text = Buffer.concat(parts).toString('utf8').replace(/\r$/, '');
    const cut = long ? 'long' : 'half';
    const line: OutputLine = long || half ? { stream, text, cut } : { stream, text };
    parts = [];
    size = 0;
    long = false;
    return line;
  };

  return {
    push(chunk) {
      const lines: OutputLine[] = [];
      let start = 0;
      let at = chunk.indexOf(NEWLINE);
      if (at < 0) {
        keep(chunk);
        return lines;
      }
      if (size > 0 || at > limit) {
        keep(chunk.subarray(0, at));
        lines.push(take(false));
        start = at + 1;
      }
      const last = chunk.lastIndexOf(NEWLINE) + 1;
      if (last - start <= limit) {
        splitWhole(chunk, start, last, stream, lines);
        start = last;
      }
      for (at = chunk.indexOf(NEWLINE, start); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, at));
        lines.push(take(false));
        start = at + 1;
      }
      if (start < chunk.length) keep(chunk.subarray(start));
      return lines;
    },
    end: () => (size > 0 ? [take(true)] : []),
  };
}

/** Adds the lines of bytes that end with a newline, decoded at one go: seven times as fast as line by line (measured). */
function splitWhole(chunk: Buffer, start: number, end: number, stream: 'out' | 'err', lines: OutputLine[]): void {
  if (start >= end) return;
  for (const text of chunk.toString('utf8', start, end - 1).split('\n')) {
    lines.push({ stream, text: text.endsWith('\r') ? text.slice(0, -1) : text });
  }
}
