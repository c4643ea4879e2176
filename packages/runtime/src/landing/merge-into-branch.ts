import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeError } from '../errors.js';
import { ELSEWHERE } from '../git/checked-out.js';
import { commonDirOf, gitDirOf } from '../git/common-dir.js';
import type { Git } from '../git/git.js';
import type { ProjectStore } from '../project/open-store.js';
import { removeTree } from '../workspace/remove-tree.js';
import { openCheckoutGit } from './checkout-git.js';
import { holdCheckout } from './hold-checkout.js';
import { INTEGRATION_BRANCH } from './integration.js';

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
 * Nobody can switch the checkout meanwhile: it is held by git's own locks, and git works on it through a git folder of ours, whose HEAD names
 * the branch. Throws, with nothing changed, `STALE` if another branch is checked out by now or the branch is moved meanwhile,
 * `DIRTY_CHECKOUT`, `LAND_CONFLICT`, and `LOCK_TIMEOUT` while another git is at work there.
 */
export async function mergeIntoBranch(
  { paths, clock }: Pick<ProjectStore, 'paths' | 'clock'>,
  git: Git,
  merge: BranchMerge,
): Promise<{ from: string; to: string }> {
  const top = await git.run(['rev-parse', '--show-toplevel']);
  const [gitDir, common] = [gitDirOf(top), commonDirOf(top)];
  if (gitDir === null || common === null) throw new Error(`${top} is no work tree`);
  if (headIn(gitDir) === ELSEWHERE) return mergeUnheld(git, merge);
  const checkout = { top, gitDir, common, ref: merge.ref };
  await mkdir(paths.scratch, { recursive: true, mode: 0o700 });
  const place = await mkdtemp(join(paths.scratch, 'land-'));
  try {
    return await holdCheckout(gitDir, clock, async (held) => {
      const now = /^ref: (.+)$/.exec(headIn(gitDir))?.[1] ?? null;
      if (now !== merge.ref) throw switched(now, merge.ref);
      const own = openCheckoutGit(git, checkout, place);
      const report = await mergeOrUndo(own.git, merge, own.detach);
      own.install(held, report.from);
      return report;
    });
  } finally {
    await removeTree(place);
  }
}

/** Where refs are no files, git's lock of them is not ours to take: then this is only looked at. */
async function mergeUnheld(git: Git, merge: BranchMerge): Promise<{ from: string; to: string }> {
  const now = await branchOf(git);
  if (now !== merge.ref) throw switched(now, merge.ref);
  return mergeOrUndo(git, merge, () => {});
}

function headIn(gitDir: string): string {
  return readFileSync(join(gitDir, 'HEAD'), 'utf8').trim();
}

// Files that git itself shares between calls and places by its own git folder, which is gone afterwards.
const NOTHING_SHARED = ['-c', 'core.splitIndex=false', '-c', 'core.fsmonitor=false'];

/** `detach` has what undoes it go back to where the branch was, wherever that is by then. */
async function mergeOrUndo(
  git: Git,
  { ref, tip }: BranchMerge,
  detach: (from: string) => void,
): Promise<{ from: string; to: string }> {
  const resolve = (): Promise<string> => git.run(['rev-parse', '--verify', `${ref}^{commit}`]);
  const from = await resolve();
  const changed = await git.run(['status', '--porcelain', '--untracked-files=no']);
  if (changed !== '') throw dirty(changed);
  const message = `Merge ${INTEGRATION_BRANCH}`;
  const merge = await git.attempt([...NOTHING_SHARED, 'merge', '--no-edit', '-m', message, tip], { asUser: true });
  if (merge.exitCode === 0) return { from, to: await resolve() };
  const paths = await git.run(['diff', '--name-only', '--diff-filter=U']);
  detach(from);
  const aborted = await git.attempt(['merge', '--abort']);
  if (aborted.exitCode !== 0) await goBack(git, from);
  if ((await resolve()) !== from) throw stale(`${shortName(ref)} moved`);
  throw conflict(shortName(ref), paths.split('\n').filter(Boolean), merge.stderr.trim() || merge.stdout.trim());
}

/** For a merge that was at its end already: there is nothing to abort. What somebody has changed since stays as it is. */
async function goBack(git: Git, from: string): Promise<void> {
  const { exitCode, stdout: tree } = await git.attempt(['write-tree']);
  if (exitCode === 0) await git.attempt(['read-tree', '-m', '-u', tree, from]);
}

function switched(now: string | null, ref: string): RuntimeError {
  return stale(`${now === null ? 'No branch' : shortName(now)} is checked out by now, not ${shortName(ref)}`);
}

function stale(what: string): RuntimeError {
  return new RuntimeError({
    code: 'STALE',
    message: `${what}, so nothing was landed and no file was changed.`,
    hint: 'Check out the branch that should receive the work, and run `signalbox land` again.',
  });
}

function dirty(changed: string): RuntimeError {
  return new RuntimeError({
    code: 'DIRTY_CHECKOUT',
    message: `The checkout has changes that are not committed: ${changed.split('\n').length} files.`,
    hint: 'Commit or stash them, then land.',
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
