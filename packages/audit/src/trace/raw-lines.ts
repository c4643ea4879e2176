import { StringDecoder } from 'node:string_decoder';
import type { Redactor } from '../redact/redactor.js';

/** Turns chunks, cut anywhere, into redacted text of whole lines. */
export interface RawLines {
  /** What is complete by now. */
  push(chunk: string | Uint8Array): string[];
  /** What is left, at the end. */
  end(): string[];
}

/** UTF-16 code units. A longer line is cut: it must be held in memory to be redacted. */
const MAX_LINE = 256 * 1024;
/** Behind a cut line so much is left out, lest it hold the first half of a secret that nobody can recognise. */
const MIN_REACH = 4_096;
const MAX_HELD_LINES = 500;

const BEGINS_KEY = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/;
const ENDS_KEY = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY/;
const KEY_LINE = /^\s*(?:[A-Za-z0-9+/=]+|[A-Za-z-]{1,30}: .{0,200})?\s*$/;
/** Text of one line length and nothing but base64 may be the inside of a key whose beginning we did not see. */
const LONG_KEY_LINE = /^[A-Za-z0-9+/=]{40,}$/;

/**
 * Lines are redacted one by one, as soon as they end; those that may be part of a private key are held back and redacted
 * together. So a secret is found wherever a chunk ends.
 */
export function createRawLines(redactor: Pick<Redactor, 'text' | 'reach'>, maxLine = MAX_LINE): RawLines {
  const decoder = new StringDecoder('utf8');
  const reach = Math.max(MIN_REACH, redactor.reach);
  let rest = '';
  let isCut = false;
  let held: string[] = [];

  const release = (): string[] => (held.length === 0 ? [] : [redactor.text(held.splice(0).join('\n'))]);
  const take = (line: string): string[] => {
    const holds = held.length > 0;
    if (holds && KEY_LINE.test(line) && held.length < MAX_HELD_LINES) {
      held.push(line);
      return [];
    }
    if (holds && ENDS_KEY.test(line)) {
      held.push(line);
      return release();
    }
    const before = release();
    if (LONG_KEY_LINE.test(line) || (BEGINS_KEY.test(line) && !ENDS_KEY.test(line))) {
      held = [line];
      return before;
    }
    return [...before, redactor.text(line)];
  };
  const cut = (): string[] => {
    const kept = [...held.splice(0), rest.slice(0, maxLine)].join('\n');
    const text = redactor.text(kept);
    rest = '';
    isCut = true;
    return [
      `${text.slice(0, Math.max(0, text.length - reach)).toWellFormed()} [cut: a line of over ${maxLine} characters]`,
    ];
  };
  const pushText = (text: string): string[] => {
    const lines = text.split('\n');
    const out: string[] = [];
    for (const [i, part] of lines.entries()) {
      const ends = i < lines.length - 1;
      if (!isCut) rest += part;
      if (rest.length > maxLine + reach) out.push(...cut());
      if (!ends) break;
      if (!isCut) out.push(...take(rest.replace(/\r$/, '')));
      rest = '';
      isCut = false;
    }
    return out;
  };
  return {
    push: (chunk) => pushText(typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk))),
    end() {
      const out = pushText(decoder.end());
      const last = rest === '' || isCut ? [] : take(rest);
      rest = '';
      return [...out, ...last, ...release()];
    },
  };
}
