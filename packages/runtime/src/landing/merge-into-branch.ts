import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RuntimeError } from '../errors.js';
import { gitDirOf } from '../git/common-dir.js';
import type { Git } from '../git/git.js';
import { isThere } from '../project/read-file.js';
import { INTEGRATION_BRANCH, isAncestor } from './integration.js';

export interface BranchMerge {
  /** The full name of the branch. */
  ref: string;
  /** The commit to merge into it. */
  tip: string;
}

/** The full name of the branch that is checked out; null for none. */
export async function branchOf(git: Git): Promise<string | null> {
  const head = await git.attempt(['symbolic-ref', '--quiet', 'HEAD']);
  return head.exitCode === 0 ? head.stdout : null;
}

export function shortName(ref: string): string {
  return ref.replace(/^refs\/heads\//, '');
}

/**
 * Merges a commit into the branch that is checked out, with the user's own hooks and signing, and returns where that was and is.
 * Throws, with everything as it was, `STALE` if another branch is checked out by then, `DIRTY_CHECKOUT`, `LAND_CONFLICT`, and
 * `LOCK_TIMEOUT` while another git is at work there.
 */
export async function mergeIntoBranch(git: Git, { ref, tip }: BranchMerge): Promise<{ from: string; to: string }> {
  const tipOf = (name: string): Promise<string> => git.run(['rev-parse', '--verify', `${name}^{commit}`]);
  const from = await tipOf(ref);
  const top = await git.run(['rev-parse', '--show-toplevel']);
  const gitDir = gitDirOf(top);
  const underWay = UNDER_WAY.find(([file]) => gitDir !== null && existsSync(join(gitDir, file)));
  if (underWay) throw busyWith(underWay[1]);
  const changed = await git.run(['status', '--porcelain', '--untracked-files=no']);
  if (changed !== '') throw dirty(changed);
  const present = await branchOf(git);
  if (present !== ref) throw switched(present, ref);
  const untracked = await inTheWay(git, top, { ref, tip });
  if (untracked.length > 0) throw overwriting(untracked);
  const merge = await git.attempt(mergeOf(tip), { asUser: true });
  if (merge.exitCode !== 0) throw await undo(git, ref, merge.stderr.trim() || merge.stdout.trim());
  const to = await tipOf(ref);
  if (await isAncestor(git, tip, to)) return { from, to };
  throw await takeBack(git, { ref, tip });
}

/** Files and folders of git while something of the user's is under way, which a merge would be mixed up with. */
const UNDER_WAY = [
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
] as const;

const MOST_SHOWN = 5;

/** A commit, also where the user's settings (`branch.<name>.mergeOptions`) have merges stop before it. */
const mergeOf = (tip: string): string[] => [
  ...['merge', '--commit', '--no-squash', '--no-edit', '-m', `Merge ${INTEGRATION_BRANCH}`, tip],
];

/** After a merge that failed: leaves nothing of it, and says why. */
async function undo(git: Git, ref: string, said: string): Promise<RuntimeError> {
  const paths = await git.run(['diff', '--name-only', '--diff-filter=U']);
  const aborted = await git.attempt(['merge', '--abort']);
  const held = /^.*\.lock': File exists.*$/m.exec(`${said}\n${aborted.stderr}`)?.[0];
  if (held !== undefined) {
    // Another git holds the index, so that this one has changed neither it nor any file; but it has noted a merge.
    if (aborted.exitCode !== 0) await git.attempt(['merge', '--quit']);
    return atWork(held);
  }
  return conflict(shortName(ref), paths.split('\n').filter(Boolean), said);
}

/**
 * Git merges into what is checked out when it begins: whoever switches right before that has it merge into another branch. What a hook
 * has changed since is left to its user.
 */
async function takeBack(git: Git, { ref, tip }: BranchMerge): Promise<RuntimeError> {
  const other = await branchOf(git);
  if (other === ref) return conflict(shortName(ref), [], 'it was merged, and a hook of yours took it back');
  const isOurs = (await isAncestor(git, tip, 'HEAD')) && (await isAncestor(git, 'ORIG_HEAD', 'HEAD'));
  // `--keep` does nothing at all if it would touch what somebody has changed since.
  const undone = isOurs && (await git.attempt(['reset', '--keep', 'ORIG_HEAD'])).exitCode === 0;
  if (undone) return switched(other, ref);
  return new RuntimeError({
    code: 'STALE',
    message: `${nameOf(other)} was checked out while this landed on ${shortName(ref)}, so that it has what was to land there.`,
    hint: `Take it back with \`git reset --keep ORIG_HEAD\`, or keep it; then check out ${shortName(ref)} and land again.`,
  });
}

/** The paths that the work adds and that are here already, though git does not know them: it would overwrite those that it ignores. */
async function inTheWay(git: Git, top: string, { ref, tip }: BranchMerge): Promise<string[]> {
  const added = await git.run(['diff', '--name-only', '-z', '--no-renames', '--diff-filter=A', `${ref}...${tip}`]);
  const paths = added.split('\0').filter((path) => path !== '' && isThere(join(top, path)));
  if (paths.length === 0) return [];
  // Not those that the branch has got meanwhile in another way.
  const known = await git.run(['ls-files', '-z', '--', ...paths.map((path) => `:(top,literal)${path}`)]);
  const tracked = new Set(known.split('\0'));
  return paths.filter((path) => !tracked.has(path));
}

function nameOf(branch: string | null): string {
  return branch === null ? 'No branch' : shortName(branch);
}

function switched(present: string | null, ref: string): RuntimeError {
  return new RuntimeError({
    code: 'STALE',
    message: `${nameOf(present)} is checked out by now, not ${shortName(ref)}, so nothing was landed.`,
    hint: 'Check out the branch that should receive the work, and run `signalbox land` again.',
  });
}

function atWork(said: string): RuntimeError {
  return new RuntimeError({
    code: 'LOCK_TIMEOUT',
    message: `Another git command is at work in the checkout: ${said}`,
    hint: 'Wait for its end; if there is none, remove the file that it has left.',
  });
}

/** How many files are named. */
const NAMED = 5;

function dirty(changed: string): RuntimeError {
  // Git's own output was trimmed, so that the first line may lack the blank before its status.
  const files = changed.split('\n').map((line) => line.trim().replace(/^\S+ +/, ''));
  const named = files.length > NAMED ? [...files.slice(0, NAMED), `and ${files.length - NAMED} more`] : files;
  return new RuntimeError({
    code: 'DIRTY_CHECKOUT',
    message: `The checkout has changes that are not committed in ${files.length === 1 ? '1 file' : `${files.length} files`}: ${named.join(', ')}.`,
    hint: 'Commit or stash them, then land.',
    details: { files },
  });
}

function overwriting(paths: readonly string[]): RuntimeError {
  const shown = paths.slice(0, MOST_SHOWN).join(', ');
  const more = paths.length > MOST_SHOWN ? ` and ${paths.length - MOST_SHOWN} more` : '';
  return new RuntimeError({
    code: 'DIRTY_CHECKOUT',
    message: `The work adds files that are in the checkout already, and that git does not keep: ${shown}${more}.`,
    hint: 'Move them away or commit them, then land.',
    details: { paths: [...paths] },
  });
}

function busyWith(what: string): RuntimeError {
  return new RuntimeError({
    code: 'DIRTY_CHECKOUT',
    message: `A ${what} of yours is under way in the checkout.`,
    hint: 'Finish or abort it, then land.',
  });
}

function conflict(branch: string, paths: string[], said: string): RuntimeError {
  return new RuntimeError({
    code: 'LAND_CONFLICT',
    message: `${INTEGRATION_BRANCH} does not merge into ${branch}: ${paths.length > 0 ? paths.join(', ') : said}.`,
    hint: 'Nothing was changed. Merge it by hand and resolve what conflicts.',
    details: { paths },
  });
}
