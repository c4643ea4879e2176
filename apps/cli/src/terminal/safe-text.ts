import { stripVTControlCharacters } from 'node:util';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A text that a terminal only shows: no control characters but tabs and line ends, and nothing that turns the direction of
 * writing. Titles, messages and outputs are written by agents, and could otherwise rewrite what stands above them.
 */
export function safeText(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, '');
}

/** A copy of plain data in which every text is safe to show. */
export function safeCopy<T>(value: T): T {
  if (typeof value === 'string') return safeText(value) as T;
  if (Array.isArray(value)) return value.map((item) => safeCopy<unknown>(item)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [safeText(key), safeCopy<unknown>(item)])) as T;
}

/** The same on one line, so that it cannot pass for another line of what stands around it. */
export function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
