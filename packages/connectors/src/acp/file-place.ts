import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/** Where a path of the agent really leads. */
export interface FilePlace {
  /** Every symbolic link on the way followed; of what does not exist yet, the folder that does. */
  real: string;
  /** The same below the folder as we were given it, for a rule to judge. */
  judged: string;
  exists: boolean;
}

/** Resolves a path, and gives null when it leads out of all of `roots`. Relative ones are those of the first root. */
export function findPlace(path: string, roots: readonly string[]): FilePlace | null {
  const wanted = resolve(roots[0] ?? '/', path);
  const found = realPath(wanted);
  if (found === null) return null;
  for (const root of roots) {
    const inside = relative(realpathSync(root), found.real);
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) continue;
    return { ...found, judged: join(root, inside) };
  }
  return null;
}

/** Null for what cannot be followed: a loop, a dangling link, a file where a folder should be, a folder we may not enter. */
function realPath(path: string): { real: string; exists: boolean } | null {
  try {
    return { real: realpathSync(path), exists: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || isThere(path) || dirname(path) === path) return null;
  }
  const parent = realPath(dirname(path));
  return parent && { real: join(parent.real, basename(path)), exists: false };
}

/** Also a link to nowhere is there: to write through it would make a file somewhere else. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
