import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGit, type Git } from './git.js';

export interface PrivateGitRequest {
  /** The folder to look at. */
  folder: string;
  /** The common git folder of the repository: objects are written there. */
  common: string;
  /** An empty place for the private git folder. */
  place: string;
  /** A commit of the repository, which tells the kind of its object ids. */
  base: string;
  environment: NodeJS.ProcessEnv;
  /** Paths from the top that are to be as if they were not there. Default: none. */
  excluded?: readonly string[];
}

/**
 * Git that looks at a folder through a git folder of our own. What an agent can write, the folder's `.git`, its HEAD, its
 * index, the repository's configuration, hooks and replacements, is not consulted; only the objects are shared.
 */
export function createPrivateGit({ folder, common, place, base, environment, excluded = [] }: PrivateGitRequest): Git {
  const directory = join(place, 'private.git');
  mkdirSync(join(directory, 'refs'), { recursive: true });
  mkdirSync(join(directory, 'objects'));
  mkdirSync(join(directory, 'info'));
  writeFileSync(join(directory, 'HEAD'), 'ref: refs/heads/none\n');
  writeFileSync(join(directory, 'config'), configFor(base));
  // What the user ignores in this repository alone is no work of an agent's.
  const exclude = join(common, 'info', 'exclude');
  const ignored = existsSync(exclude) ? readFileSync(exclude, 'latin1') : '';
  writeFileSync(join(directory, 'info', 'exclude'), `${ignored}\n${excluded.map(ignoreLine).join('')}`, 'latin1');
  return createGit(folder, environment, {
    GIT_DIR: directory,
    GIT_WORK_TREE: folder,
    GIT_OBJECT_DIRECTORY: join(common, 'objects'),
  });
}

/** A line that ignores this path and no other. As bytes, since that is what git reads. */
function ignoreLine(path: string): string {
  return `/${Buffer.from(path)
    .toString('latin1')
    .replace(/[\\*?[\]!# ]/g, '\\$&')}\n`;
}

function configFor(base: string): string {
  const sha256 = base.length === 64;
  const extension = sha256 ? '[extensions]\n\tobjectFormat = sha256\n' : '';
  return `[core]\n\trepositoryformatversion = ${sha256 ? 1 : 0}\n\tbare = false\n${extension}`;
}
