import { accessSync, constants, lstatSync, readlinkSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import type { MachineFacts } from './facts.js';

const MAX_LINKS = 40; // what Linux follows before it says ELOOP

/** Facts from this machine's file system, with programs looked up on `path` (a colon-separated list). */
export function nodeFacts(path: string): MachineFacts {
  return {
    realPath: followLinks,
    exists: (file) => lookAt(file) !== undefined,
    resolveProgram: (name, cwd) => {
      for (const folder of path.split(':')) {
        // As in execvp, an empty entry is the current folder.
        const file = posix.resolve(cwd, folder, name);
        if (isExecutable(file)) return file;
      }
      return null;
    },
  };
}

/** As the kernel resolves a path: part by part, `..` after the link before it, dangling links followed to their target. */
function followLinks(absolutePath: string): string {
  const pending = absolutePath.split('/').reverse();
  let current = '/';
  let links = 0;
  while (pending.length > 0) {
    const part = pending.pop();
    if (part === undefined || part === '' || part === '.') continue;
    if (part === '..') {
      current = posix.dirname(current);
      continue;
    }
    const next = posix.join(current, part);
    const found = lookAt(next);
    if (!found?.isSymbolicLink()) {
      current = next;
      continue;
    }
    if (++links > MAX_LINKS) throw new Error(`Too many symbolic links in ${absolutePath}`);
    const target = readlinkSync(next);
    if (target.startsWith('/')) current = '/';
    pending.push(...target.split('/').reverse());
  }
  return current;
}

function lookAt(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (thrown) {
    // A file where a folder was expected: nothing below it exists.
    if ((thrown as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw thrown;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
