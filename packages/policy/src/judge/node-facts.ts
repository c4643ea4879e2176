import { accessSync, constants, lstatSync, readlinkSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import type { MachineFacts } from './facts.js';

const MAX_LINKS = 40; // what Linux follows before it says ELOOP

/** Facts from this machine's file system, with programs looked up on `path` (a colon-separated list). */
export function nodeFacts(path: string): MachineFacts {
  const folders = [...new Set(path.split(':').map(asPrefix))];
  const factsWith = (lookAt: LookAt): MachineFacts => ({
    realPath: (file) => followLinks(file, lookAt),
    exists: (file) => lookAt(file) !== 'nothing',
    resolveProgram: (name, cwd) => findProgram(folders, name, cwd, lookAt),
  });
  // The folders above the files of one request are mostly the same ones; looking at one takes some 3 µs.
  return { ...factsWith(look), forDecision: () => factsWith(onceEach(look)) };
}

/** What lies at a path, links not followed. */
type Found = 'nothing' | 'link' | 'file' | 'other';
type LookAt = (path: string) => Found;

function onceEach(lookAt: LookAt): LookAt {
  const seen = new Map<string, Found>();
  return (path) => {
    let found = seen.get(path);
    if (found === undefined) {
      found = lookAt(path);
      seen.set(path, found);
    }
    return found;
  };
}

/** An absolute folder normal and with a slash at its end, so that a name need only be put behind it; others as they are. */
function asPrefix(folder: string): string {
  return folder.startsWith('/') ? posix.join(folder, '/') : folder;
}

function findProgram(folders: readonly string[], name: string, cwd: string, lookAt: LookAt): string | null {
  if (name === '.' || name === '..') return null; // a folder
  for (const folder of folders) {
    // As in execvp, an empty entry is the current folder.
    const file = folder.startsWith('/') ? folder + name : posix.resolve(cwd, folder, name);
    if (isExecutable(file, lookAt)) return file;
  }
  return null;
}

/** As the kernel resolves a path: part by part, `..` after the link before it, dangling links followed to their target. */
function followLinks(absolutePath: string, lookAt: LookAt): string {
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
    const next = current === '/' ? `/${part}` : `${current}/${part}`;
    if (lookAt(next) !== 'link') {
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

function look(path: string): Found {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return 'nothing';
    if (found.isSymbolicLink()) return 'link';
    return found.isFile() ? 'file' : 'other';
  } catch (thrown) {
    // A file where a folder was expected: nothing below it exists.
    if ((thrown as NodeJS.ErrnoException).code === 'ENOTDIR') return 'nothing';
    throw thrown;
  }
}

/** What is seen of a file here need not be looked at again when its real path is asked for. */
function isExecutable(file: string, lookAt: LookAt): boolean {
  try {
    const found = lookAt(file);
    if (found === 'link' ? statSync(file, { throwIfNoEntry: false })?.isFile() !== true : found !== 'file')
      return false;
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
