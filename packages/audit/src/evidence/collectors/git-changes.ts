import type { ScratchGit } from './scratch-git.js';

export interface GitChange {
  path: string;
  /** `type` is a file that became a link or the like. */
  status: 'added' | 'modified' | 'deleted' | 'renamed' | 'type';
  /** Of a renamed file. */
  from?: string;
  /** Modes as git writes them; `000000` where there is no file. */
  oldMode: string;
  newMode: string;
  oldObject: string;
  newObject: string;
  binary: boolean;
  /** Lines; `null` for binary files. */
  additions: number | null;
  deletions: number | null;
}

const STATUS: Record<string, GitChange['status']> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  R: 'renamed',
  T: 'type',
};
const RENAMES = ['-M', '-l1000'];
export const SUBMODULE_MODE = '160000';

/** The tree that the folder would be if everything in it that is not ignored were committed. */
export async function treeOfFolder(git: ScratchGit, base: string): Promise<string> {
  await git.run(['read-tree', base]);
  await git.run(['add', '--all', '--', '.']);
  return (await git.run(['write-tree'])).toString('utf8').trim();
}

/** The tree without any file, in the repository's own format of names. */
export async function emptyTree(git: ScratchGit): Promise<string> {
  await git.run(['read-tree', '--empty']);
  return (await git.run(['write-tree'])).toString('utf8').trim();
}

export async function gitChanges(git: Pick<ScratchGit, 'show'>, base: string, tree: string): Promise<GitChange[]> {
  const args = ['diff-tree', '-r', '-z', ...RENAMES, '--no-abbrev', '--no-ext-diff', '--no-textconv'];
  const [listed, counted] = await Promise.all([
    git.show([...args, '--raw', base, tree]),
    git.show([...args, '--numstat', base, tree]),
  ]);
  const raw = fieldsOf(listed);
  const counts = readCounts(fieldsOf(counted));
  const changes: GitChange[] = [];
  for (let i = 0; i + 1 < raw.length; ) {
    const [oldMode = '', newMode = '', oldObject = '', newObject = '', letter = ''] = (raw[i] ?? '')
      .slice(1)
      .split(' ');
    const isRename = letter.startsWith('R');
    const path = raw[i + (isRename ? 2 : 1)] ?? '';
    const count = counts.get(path);
    changes.push({
      path,
      status: STATUS[letter.charAt(0)] ?? 'modified',
      ...(isRename ? { from: raw[i + 1] ?? '' } : {}),
      oldMode,
      newMode,
      oldObject,
      newObject,
      binary: count?.additions === null,
      additions: count?.additions ?? null,
      deletions: count?.deletions ?? null,
    });
    i += isRename ? 3 : 2;
  }
  return changes;
}

/** The difference as `git apply` takes it; `null` above `maxBytes`. Without `binaries` they are named and not contained. */
export async function gitPatch(
  git: Pick<ScratchGit, 'show'>,
  base: string,
  tree: string,
  { binaries, maxBytes }: { binaries: boolean; maxBytes: number },
): Promise<Buffer | null> {
  const how = ['--full-index', '--no-color', '--no-ext-diff', '--no-textconv', '--src-prefix=a/', '--dst-prefix=b/'];
  const args = ['diff-tree', '-r', '-p', ...RENAMES, ...how, ...(binaries ? ['--binary'] : []), base, tree];
  return git.show(args, maxBytes);
}

/** Path to commit of every submodule, and of every other repository that was committed as one. */
export async function submodulesOf(git: Pick<ScratchGit, 'show'>, tree: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const line of fieldsOf(await git.show(['ls-tree', '-r', '-z', tree]))) {
    const [, mode, commit, path] = /^(\d+) \w+ ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? [];
    if (mode === SUBMODULE_MODE && commit && path) found.set(path, commit);
  }
  return found;
}

function readCounts(fields: readonly string[]): Map<string, Pick<GitChange, 'additions' | 'deletions'>> {
  const counts = new Map<string, Pick<GitChange, 'additions' | 'deletions'>>();
  const number = (text: string): number | null => (text === '-' ? null : Number(text));
  for (let i = 0; i < fields.length; i += 1) {
    const [additions = '-', deletions = '-', path = ''] = (fields[i] ?? '').split('\t');
    // A renaming has no path here but two in the next fields.
    const named = path === '' ? (fields[i + 2] ?? '') : path;
    if (path === '') i += 2;
    counts.set(named, { additions: number(additions), deletions: number(deletions) });
  }
  return counts;
}

function fieldsOf(output: Buffer | null): string[] {
  return (output ?? Buffer.alloc(0))
    .toString('utf8')
    .split('\0')
    .filter((field, i, all) => field !== '' || i < all.length - 1);
}
