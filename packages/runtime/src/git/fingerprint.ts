import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What of a repository's git folder can make git run or see something else: by name, with a digest of its content. */
export type GitFingerprint = ReadonlyMap<string, string>;

const FILES = ['config', 'config.worktree', 'info/attributes', 'info/grafts', 'objects/info/alternates', 'shallow'];

/**
 * Taken before an agent works and after: what differs, it has changed under everybody's feet. `own`: the git folder of the user's
 * checkout, which is another one where that is a linked work tree.
 */
export function fingerprintGit(common: string, own: string = common): GitFingerprint {
  const found = new Map<string, string>();
  if (own !== common) {
    const text = read(join(own, 'config.worktree'));
    if (text !== null) found.set('config.worktree of the checkout', digest(text));
  }
  for (const folder of moduleFolders(join(common, 'modules'), 'modules')) {
    found.set(`${folder}/config`, digest(read(join(common, folder, 'config')) ?? ''));
    for (const hook of hooksIn(join(common, folder))) {
      found.set(`${folder}/hooks/${hook}`, digest(read(join(common, folder, 'hooks', hook)) ?? ''));
    }
  }
  for (const name of FILES) {
    const text = read(join(common, name));
    if (text !== null) found.set(name, digest(name === 'config' ? withoutBranches(text) : text));
  }
  for (const name of hooksIn(common)) found.set(`hooks/${name}`, digest(read(join(common, 'hooks', name)) ?? ''));
  for (const name of list(join(common, 'refs', 'replace'))) found.set(`refs/replace/${name}`, '');
  for (const line of (read(join(common, 'packed-refs')) ?? '').split('\n')) {
    if (line.includes(' refs/replace/')) found.set(line, '');
  }
  return found;
}

/** The git folders of submodules, whose names may have slashes in them. */
function moduleFolders(folder: string, name: string): string[] {
  return list(folder).flatMap((each) => {
    const [place, path] = [join(folder, each), `${name}/${each}`];
    if (!statSync(place).isDirectory()) return [];
    if (!existsSync(join(place, 'HEAD'))) return moduleFolders(place, path);
    return [path, ...moduleFolders(join(place, 'modules'), `${path}/modules`)];
  });
}

function hooksIn(folder: string): string[] {
  return list(join(folder, 'hooks')).filter((name) => !name.endsWith('.sample'));
}

/** The names that were added, removed or changed. */
export function fingerprintChanges(before: GitFingerprint, after: GitFingerprint): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}

/** Without what git itself writes when somebody makes a branch: it makes nothing run. */
function withoutBranches(config: string): string {
  return config.replace(/^\[branch "[^\n]*\n(?:[ \t][^\n]*\n?)*/gm, '');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function read(file: string): string | null {
  return existsSync(file) && statSync(file).isFile() ? readFileSync(file, 'latin1') : null;
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
