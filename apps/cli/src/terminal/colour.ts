import type { Io } from '../io.js';

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

/** Colours on a terminal only, and never with `NO_COLOR` set (https://no-color.org). */
export function paintFor(io: Pick<Io, 'isTerminal' | 'environment'>): Paint {
  const on = io.isTerminal && !io.environment['NO_COLOR'];
  const code = (number: number) => (text: string) => (on ? `\x1b[${number}m${text}\x1b[0m` : text);
  return { bold: code(1), dim: code(2), good: code(32), bad: code(31), warn: code(33) };
}
