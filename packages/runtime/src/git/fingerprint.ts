import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What of a repository's git folder can make git run or see something else: by name, with a digest of its content. */
export type GitFingerprint = ReadonlyMap<string, string>;

const FILES = ['config', 'config.worktree', 'info/attributes', 'info/grafts', 'objects/info/alternates', 'shallow'];

/** Taken before an agent works and after: what differs, it has changed under everybody's feet. */
export function fingerprintGit(common: string): GitFingerprint {
  const found = new Map<string, string>();
  for (const name of FILES) {
    const text = read(join(common, name));
    if (text !== null) found.set(name, digest(name === 'config' ? withoutBranches(text) : text));
  }
  const hooks = list(join(common, 'hooks')).filter((name) => !name.endsWith('.sample'));
  for (const name of hooks) found.set(`hooks/${name}`, digest(read(join(common, 'hooks', name)) ?? ''));
  for (const name of list(join(common, 'refs', 'replace'))) found.set(`refs/replace/${name}`, '');
  for (const line of (read(join(common, 'packed-refs')) ?? '').split('\n')) {
    if (line.includes(' refs/replace/')) found.set(line, '');
  }
  return found;
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
