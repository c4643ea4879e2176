import { constants, existsSync, lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type Glob, matchesGlob, parseGlob } from '@signalbox/rules/glob';
import { RuntimeError } from '../errors.js';
import type { Git } from '../git/git.js';

/** Of all copies together, and of one. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_BYTES_OF_ONE = 16 * 1024 * 1024;
const MOST_FILES = 1_000;
/** Entries of folders looked at for one glob. */
const MOST_LOOKED_AT = 50_000;

export interface CopyRequest {
  /** The project's root in the user's checkout, and what it is in the new worktree. Absolute. */
  from: string;
  to: string;
  /** Checked globs, relative to `from`. */
  globs: readonly string[];
  /** Git in `from`: what it tracks is not copied. */
  git: Git;
}

/**
 * Gives a new worktree a copy of files of the user's checkout that git does not track. What the worktree has already stays as
 * it is. Returns what was copied, relative to the root. Throws `CONFIG_INVALID` for a file that lies outside of the project by a
 * symbolic link, is no file, or is too much.
 */
export async function copyIntoWorktree({ from, to, globs, git }: CopyRequest): Promise<string[]> {
  if (globs.length === 0) return [];
  const root = realpathSync(from);
  const found = new Set<string>();
  for (const glob of globs) for (const path of await findMatches(root, parseGlob(glob))) found.add(path);
  const tracked = await trackedOf(git, [...found]);
  const wanted = [...found].filter((path) => !tracked.has(path)).sort();
  const sources = measure(root, wanted);
  const copied: string[] = [];
  for (const { path, source, stats } of sources) if (await copyOne(to, path, source, stats)) copied.push(path);
  return copied;
}

/** The files that match, relative to the root. A name without a wildcard is looked up; else the folder is walked that it begins with. */
async function findMatches(root: string, glob: Glob): Promise<string[]> {
  const { pattern, literalPrefix } = glob;
  if (literalPrefix === pattern) return existsSync(join(root, pattern)) ? [pattern] : [];
  const found: string[] = [];
  const isDeep = pattern.includes('**') || pattern.includes('{');
  const depth = isDeep ? Number.POSITIVE_INFINITY : pattern.split('/').length;
  const waiting = [literalPrefix];
  let looked = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of await entriesOf(join(root, folder))) {
      looked += 1;
      if (looked > MOST_LOOKED_AT) throw tooMuch(`${pattern} has more than ${MOST_LOOKED_AT} files to look at`);
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (path === '.ai' || entry.name === '.git') continue;
      if (!entry.isDirectory()) {
        if (matchesGlob(glob, path)) found.push(requireReadable(path));
      } else if (path.split('/').length < depth && entry.name !== 'node_modules') waiting.push(path);
    }
  }
  return found;
}

/** A line break in a name would end a line of what tells git to leave it alone. */
function requireReadable(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) throw refused(JSON.stringify(path), 'its name has a control character');
  return path;
}

async function entriesOf(folder: string) {
  return existsSync(folder) && statSync(folder).isDirectory() ? readdir(folder, { withFileTypes: true }) : [];
}

async function trackedOf(git: Git, paths: readonly string[]): Promise<Set<string>> {
  if (paths.length === 0) return new Set();
  const pathspecs = paths.map((path) => `:(literal)${path}`);
  // At most so many as a command line has room for.
  if (paths.length > MOST_FILES) throw tooMuch(`there are more than ${MOST_FILES} files`);
  const listed = await git.run(['ls-files', '-z', '--', ...pathspecs]);
  return new Set(listed.split('\0'));
}

interface Source {
  path: string;
  source: string;
  stats: Stats;
}

function measure(root: string, paths: readonly string[]): Source[] {
  let total = 0;
  return paths.map((path) => {
    const source = resolveInside(root, path);
    const stats = statSync(source);
    if (!stats.isFile()) throw refused(path, 'it is no file; to copy what is in a folder, write `folder/**`');
    total += stats.size;
    if (stats.size > MOST_BYTES_OF_ONE) throw tooMuch(`${path} has more than ${MOST_BYTES_OF_ONE / 1024 ** 2} MiB`);
    if (total > MOST_BYTES) throw tooMuch(`the files have more than ${MOST_BYTES / 1024 ** 2} MiB together`);
    return { path, source, stats };
  });
}

/** Where a path of the project really leads; nowhere else than into the project, and there not to what is ours or git's. */
function resolveInside(root: string, path: string): string {
  let source: string;
  try {
    source = realpathSync(join(root, path));
  } catch {
    throw refused(path, 'it is a symbolic link that leads nowhere');
  }
  const place = relative(root, source);
  if (place === '' || place === '..' || place.startsWith('../')) {
    throw refused(path, 'it leads out of the project by a symbolic link');
  }
  const segments = place.split('/');
  if (segments[0] === '.ai' || segments.includes('.git')) throw refused(path, 'nothing of .ai or .git is copied');
  return source;
}

/** False if the worktree has something there: what is committed goes first. */
async function copyOne(to: string, path: string, source: string, stats: Stats): Promise<boolean> {
  await makeFolders(to, dirname(path), path);
  const target = join(to, path);
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await chmod(target, stats.mode & 0o777);
  return true;
}

/** One by one: a link that somebody has committed in a folder's place must not lead a copy out of the worktree. */
async function makeFolders(to: string, folder: string, path: string): Promise<void> {
  if (folder === '.') return;
  let place = to;
  for (const segment of folder.split('/')) {
    place = join(place, segment);
    await mkdir(place).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (!lstatSync(place).isDirectory()) {
      throw refused(path, `${relative(to, place)} is no folder in the commit that the work starts from`);
    }
  }
}

function refused(path: string, why: string): RuntimeError {
  return new RuntimeError({
    code: 'CONFIG_INVALID',
    message: `${path} is not copied into the worktree: ${why}.`,
    hint: 'Correct `workspace.copy` in .ai/config.yaml, or put a plain file there.',
  });
}

function tooMuch(what: string): RuntimeError {
  return new RuntimeError({
    code: 'CONFIG_INVALID',
    message: `Too much is to be copied into the worktree: ${what}.`,
    hint: 'Name fewer files in `workspace.copy`; what is installed belongs into `workspace.setup`.',
  });
}
