import { lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeError } from '../errors.js';
import type { Git } from './git.js';

/**
 * The repositories within the work tree that an index knows of, and that are folders still. Git would look into each of them by a
 * git of its own, which runs what is configured there; so they have to be read in another way.
 */
export async function nestedRepositories(git: Git, index: string): Promise<string[]> {
  if (isWithoutGitlinks(await readFile(index))) return [];
  const listed = await git.run(['ls-files', '--stage', '-z'], { environment: { GIT_INDEX_FILE: index } });
  const nested = listed
    .split('\0')
    .filter((line) => line.startsWith('160000 '))
    .map((line) => line.slice(line.indexOf('\t') + 1));
  const unnamed = nested.find((path) => path.includes('\uFFFD'));
  if (unnamed !== undefined) throw notNamed(unnamed);
  return nested.filter((path) => isFolder(git.folder, path));
}

/** As an index has it of each entry, in all versions of the format (gitformat-index(5)). */
const GITLINK_MODE = Buffer.from([0, 0, 0xe0, 0]);
/** Extensions with which an index does not name all of its entries: split, sparse. */
const NOT_ALL_HERE = ['link', 'sdir'];

/** Most have none, and need not be listed for that: bytes that occur nowhere stand for nothing. */
function isWithoutGitlinks(index: Buffer): boolean {
  return !index.includes(GITLINK_MODE) && !NOT_ALL_HERE.some((signature) => index.includes(signature));
}

/** What a link leads to is not in the work tree. */
function isFolder(top: string, path: string): boolean {
  let place = top;
  return path.split('/').every((segment) => {
    place = join(place, segment);
    return lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  });
}

function notNamed(path: string): RuntimeError {
  return new RuntimeError({
    code: 'GIT_FAILED',
    message: `The repository "${path}" within the work tree has a name that is not UTF-8, and cannot be looked at safely.`,
    hint: 'Rename it, or remove it.',
  });
}
