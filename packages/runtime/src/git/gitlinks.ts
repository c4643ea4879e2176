import { lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeError } from '../errors.js';
import type { Git } from './git.js';
import { isWithoutGitlinks } from './index-file.js';

/**
 * The repositories within the work tree that an index knows of, and that are folders still. Git would look into each of them by a
 * git of its own, which runs what is configured there; so they have to be read in another way.
 */
export async function nestedRepositories(git: Git, index: string): Promise<string[]> {
  // Most have none, and need not be listed for that.
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
