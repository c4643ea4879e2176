import { lstatSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A commit by its id, as long as the repository's ids are. */
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const REF = /^refs(?:\/(?!\.)[^/\0]+)+$/;
/** How many names may stand for one another, as git has it. */
const DEEPEST = 5;
/** In bytes, for a file of which an agent decides how large it is. */
const LARGEST = 64 * 1024 * 1024;

/**
 * The commit that is checked out at `top`; null if nothing is, or nothing that is plain to read. The files alone are read: git
 * itself, started in a git folder that an agent can write to, would run what the agent has configured there.
 */
export function readHead(top: string): string | null {
  const directory = directoryOf(top);
  if (directory === null) return null;
  let name = 'HEAD';
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const text = readPlain(join(directory, name))?.trim() ?? packed(directory, name);
    if (text === null || COMMIT.test(text)) return text;
    name = /^ref: *(.+)$/.exec(text)?.[1] ?? '';
    if (!REF.test(name)) return null;
  }
  return null;
}

/** The text of a file of its own; null for whatever else has that name: a pipe, say, would keep its reader for ever. */
export function readPlain(file: string, encoding: 'latin1' | 'utf8' = 'utf8'): string | null {
  const found = lstatSync(file, { throwIfNoEntry: false });
  return found?.isFile() && found.size <= LARGEST ? readFileSync(file, encoding) : null;
}

function directoryOf(top: string): string | null {
  const own = join(top, '.git');
  if (lstatSync(own, { throwIfNoEntry: false })?.isDirectory()) return own;
  const named = /^gitdir: (.+)$/m.exec(readPlain(own) ?? '')?.[1];
  return named === undefined ? null : resolve(top, named);
}

function packed(directory: string, name: string): string | null {
  const line = (readPlain(join(directory, 'packed-refs')) ?? '').split('\n').find((each) => each.endsWith(` ${name}`));
  return line?.slice(0, -name.length - 1) ?? null;
}
