import { delimiter, isAbsolute, relative, sep } from 'node:path';

/** A PATH without what is relative, and so depends on where a program is started, and without what lies in `folder`. */
export function pathWithout(path: string, folder: string): string {
  const kept = path.split(delimiter).filter((entry) => isAbsolute(entry) && !liesIn(entry, folder));
  return kept.join(delimiter);
}

/** Whether `place` is `folder` or below it, by their names. */
export function liesIn(place: string, folder: string): boolean {
  const way = relative(folder, place);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
