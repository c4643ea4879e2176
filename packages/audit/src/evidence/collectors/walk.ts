import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failed } from './failed.js';

export interface WalkedPath {
  /** Relative to the folder, with slashes. */
  path: string;
  kind: 'file' | 'link' | 'other';
}

const MAX_DEPTH = 200;
// A folder is read at once: names come as bytes that may be no UTF-8, which Node turns into replacement characters.
const HINT = 'Look at what was left in the folder, and remove what does not belong there.';

/**
 * Everything below a folder that is no folder itself, sorted by name. Links are named and not followed; `.git` of any case, and
 * whatever `skip` says, is left out.
 */
export function* walkFolder(folder: string, skip: (path: string) => boolean = () => false): Generator<WalkedPath> {
  yield* walk(folder, '', 0, skip);
}

function* walk(folder: string, under: string, depth: number, skip: (path: string) => boolean): Generator<WalkedPath> {
  if (depth > MAX_DEPTH) throw failed(`Folders nest deeper than ${MAX_DEPTH} levels at ${under.slice(0, 200)}`, HINT);
  for (const entry of entriesOf(join(folder, under))) {
    const path = under === '' ? entry.name : `${under}/${entry.name}`;
    if (entry.name.toLowerCase() === '.git' || skip(path)) continue;
    if (entry.isDirectory()) yield* walk(folder, path, depth + 1, skip);
    else yield { path, kind: entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'other' };
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw failed('A folder cannot be read', HINT, error);
  }
}
