import { stripVTControlCharacters } from 'node:util';

/** How many characters of a text are seen: colour codes are not. */
export function visibleWidth(text: string): number {
  return stripVTControlCharacters(text).length;
}
