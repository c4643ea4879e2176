import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { matchesGlob, parseGlob } from '@signalbox/rules/glob';
import { RuntimeError } from '../errors.js';

/**
 * The places that entries of `sandbox.writable` stand for: real paths that are there. Of what a `*` matches, links are left out,
 * since an attempt could make one. Throws `CONFIG_INVALID` for a place in which an attempt could get at what is `kept` from it.
 */
export function writablePaths(entries: readonly string[], home: string, kept: readonly string[]): string[] {
  const keptPaths = kept.map(realOrSame);
  const found = new Set<string>();
  for (const entry of entries) {
    for (const path of expand(entry.startsWith('~/') ? join(home, entry.slice(2)) : entry)) {
      const real = realpathSync(path);
      const offended = keptPaths.find((each) => givesAccess(real, each));
      if (offended !== undefined) throw keptFromAttempts(entry, offended);
      found.add(real);
    }
  }
  // What lies in another one could be replaced by a link to anywhere by an earlier attempt.
  return [...found].filter((path) => ![...found].some((other) => path.startsWith(`${other}/`)));
}

/**
 * Whether who may write to `path` can change or replace `kept`. A folder around it cannot be taken for it where it is that of `kept`
 * itself: what is mounted there can be neither moved nor removed.
 */
function givesAccess(path: string, kept: string): boolean {
  if (`${path}/`.startsWith(`${kept}/`)) return true;
  return `${kept}/`.startsWith(path === '/' ? '/' : `${path}/`) && (dirname(kept) !== path || !existsSync(kept));
}

function expand(path: string): string[] {
  let found = ['/'];
  for (const name of path.split('/').filter((part) => part !== '')) {
    found = found.flatMap((folder) => (name.includes('*') ? namesLike(folder, name) : [join(folder, name)]));
  }
  return found.filter((each) => existsSync(each));
}

function namesLike(folder: string, pattern: string): string[] {
  const glob = parseGlob(pattern);
  try {
    return readdirSync(folder)
      .filter((name) => matchesGlob(glob, name))
      .map((name) => join(folder, name))
      .filter((path) => !lstatSync(path).isSymbolicLink());
  } catch {
    return []; // no folder, or none that we may read
  }
}

function realOrSame(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

function keptFromAttempts(entry: string, kept: string): RuntimeError {
  return new RuntimeError({
    code: 'CONFIG_INVALID',
    message: `Attempts may not write to ${entry}: through it they would get at ${kept}, which is kept from them.`,
    hint: 'Name the folders that are needed more closely, in "sandbox.writable" or in the configuration of the AI.',
  });
}
