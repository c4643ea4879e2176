import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, relative, sep } from 'node:path';

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

/** Where a bare name leads to, by the first entry of PATH that has such a program. Relative entries are passed over. */
export function findProgram(name: string, path: string): string | null {
  const folders = path.split(delimiter).filter((entry) => isAbsolute(entry));
  return folders.map((folder) => join(folder, name)).find(isProgram) ?? null;
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether a file lies in one of the folders, by its name or by where its links lead. */
export function liesInAny(file: string, folders: readonly string[]): boolean {
  const places = [file, realpathOr(file)];
  return folders.some((folder) =>
    [folder, realpathOr(folder)].some((top) => places.some((place) => liesIn(place, top))),
  );
}

function realpathOr(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
