import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createGit, type Git } from './git.js';
import { readPlain } from './read-head.js';
import { conversionSettings, filterSwitches, type GitSetting, readSettings, sparsePatterns } from './user-settings.js';

export interface PrivateGitRequest {
  /** The folder to look at: the top of a work tree. */
  folder: string;
  /** The common git folder of the repository: objects are read from there. */
  common: string;
  /** `own`: for a repository whose git folder an agent can write to, objects are written to a place of our own. Default: `shared`. */
  objects?: 'shared' | 'own';
  /** An empty place for the private git folder. */
  place: string;
  /** A commit of the repository, which tells the kind of its object ids. */
  base: string;
  /** Git in the user's checkout, whose settings decide how files become objects. */
  main: Git;
  environment: NodeJS.ProcessEnv;
  /** Paths from the top that are to be as if they were not there. Default: none. */
  excluded?: readonly string[];
}

/** Git that looks at a folder through a git folder of our own. */
export interface PrivateGit extends Git {
  readonly excluded: readonly string[];
  /** Whether only a part of the files is checked out: what is absent elsewhere was not removed. */
  readonly sparse: boolean;
}

/**
 * Makes one. What an agent can write in the folder, its `.git`, HEAD and index, is not consulted, nor are the repository's hooks
 * and replacements; only the objects are shared. Of the configuration it has what decides how files become objects (line
 * endings, filters such as LFS): without that, files that nobody has touched would look changed, or land unconverted.
 */
export async function createPrivateGit(request: PrivateGitRequest): Promise<PrivateGit> {
  const { folder, common, place, base, main, environment, excluded = [], objects = 'shared' } = request;
  const directory = join(place, 'private.git');
  mkdirSync(join(directory, 'refs'), { recursive: true });
  mkdirSync(join(directory, 'objects', 'info'), { recursive: true });
  mkdirSync(join(directory, 'info'));
  const configured = await readSettings(main);
  const settings = conversionSettings(configured, main, environment, folder);
  const isSparse = settings.findLast(([name]) => name === 'core.sparsecheckout')?.[1] === 'true';
  const patterns = isSparse ? sparsePatterns(await topOf(main)) : null;
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text, 'latin1');
  write('HEAD', 'ref: refs/heads/none\n');
  writeFileSync(join(directory, 'config'), configFor(base, common, settings));
  if (objects === 'own') write('objects/info/alternates', `${join(common, 'objects')}\n`);
  if (patterns !== null) write('info/sparse-checkout', patterns);
  const attributes = readShared(common, 'info/attributes');
  if (attributes !== '') write('info/attributes', attributes);
  // What the user ignores in this repository alone is no work of an agent's.
  write('info/exclude', `${readShared(common, 'info/exclude')}\n${excluded.map(ignoreLine).join('')}`);
  const git = createGit(folder, environment, {
    // Variables of the user's own hold over any file of settings.
    ...(environment['GIT_CONFIG_COUNT'] ? filterSwitches(configured, main, environment, folder) : {}),
    GIT_DIR: directory,
    GIT_WORK_TREE: folder,
    GIT_OBJECT_DIRECTORY: objects === 'own' ? join(directory, 'objects') : join(common, 'objects'),
  });
  return { ...git, excluded, sparse: patterns !== null };
}

function topOf(main: Git): Promise<string> {
  return main.run(['rev-parse', '--show-toplevel']);
}

function readShared(common: string, name: string): string {
  return readPlain(join(common, name), 'latin1') ?? '';
}

/** A line that ignores this path and no other. As bytes, since that is what git reads. */
function ignoreLine(path: string): string {
  return `/${Buffer.from(path)
    .toString('latin1')
    .replace(/[\\*?[\]!# ]/g, '\\$&')}\n`;
}

function configFor(base: string, common: string, settings: readonly GitSetting[]): string {
  const sha256 = base.length === 64;
  const extension = sha256 ? '[extensions]\n\tobjectFormat = sha256\n' : '';
  const storage = settings.findLast(([name]) => name === 'lfs.storage')?.[1] ?? 'lfs';
  // It lies in the git folder unless it says otherwise, and the folder that is asked here is gone afterwards.
  const own: GitSetting[] = [
    ['lfs.storage', resolve(common, storage)],
    // To refuse a file for its line endings is for the user's own commits.
    ['core.safecrlf', 'false'],
  ];
  const lines = [...settings, ...own].map(settingLines).join('');
  return `[core]\n\trepositoryformatversion = ${sha256 ? 1 : 0}\n\tbare = false\n${extension}${lines}`;
}

/** `filter.a.b.clean` is the key `clean` in the subsection `a.b` of `filter`. */
function settingLines([name, value]: GitSetting): string {
  const [first, last] = [name.indexOf('.'), name.lastIndexOf('.')];
  const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
  const subsection = last > first ? ` ${quoted(name.slice(first + 1, last))}` : '';
  return `[${name.slice(0, first)}${subsection}]\n\t${name.slice(last + 1)} = ${quoted(value)}\n`;
}
