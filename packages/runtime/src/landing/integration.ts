import { RuntimeError } from '../errors.js';
import { commitTree } from '../git/commit.js';
import type { Git, GitResult } from '../git/git.js';
import { type BranchTip, readStartingTips, resolveCommit } from './branch-tips.js';
import { INTEGRATION_BRANCH, INTEGRATION_REF } from './integration-ref.js';

export { INTEGRATION_BRANCH, INTEGRATION_REF } from './integration-ref.js';

export type MergeResult =
  | { status: 'merged'; tree: string }
  | { status: 'conflict'; paths: string[]; messages: string };

/** Merges two commits into a tree without a checkout. */
export async function mergeTrees(git: Git, ours: string, theirs: string): Promise<MergeResult> {
  const result = await git.attempt(['merge-tree', '--write-tree', '--name-only', '--messages', ours, theirs]);
  const [tree = '', ...rest] = result.stdout.split('\n');
  if (result.exitCode === 0) return { status: 'merged', tree };
  // Exit 1 is a conflict only if there is a tree: git exits so also for a name that it does not know.
  if (result.exitCode !== 1 || !/^[0-9a-f]{40,64}$/.test(tree)) {
    throw new RuntimeError({
      code: 'GIT_FAILED',
      message: `git could not merge ${ours} and ${theirs}: ${result.stderr.trim() || `exit ${result.exitCode}`}.`,
      hint: 'Signalbox needs git 2.38 or later (`signalbox doctor` tells).',
    });
  }
  const blank = rest.indexOf('');
  const paths = rest.slice(0, blank < 0 ? rest.length : blank);
  return {
    status: 'conflict',
    paths,
    messages: rest
      .slice(blank + 1)
      .join('\n')
      .trim(),
  };
}

export async function isAncestor(git: Git, ancestor: string, descendant: string): Promise<boolean> {
  return (await git.attempt(['merge-base', '--is-ancestor', ancestor, descendant])).exitCode === 0;
}

const MAX_TRIES = 20;

function updateRef(git: Git, ref: string, next: string, old: string | null): Promise<GitResult> {
  return git.attempt(['update-ref', '--no-deref', '-m', 'signalbox', ref, next, old ?? '0'.repeat(next.length)]);
}

/**
 * Moves a branch only if it is still where it was last seen; false if it is not. `old` null: only if it does not exist. Throws
 * `GIT_FAILED` when git does not move it though it is there: trying again would not help.
 */
export async function compareAndSwap(git: Git, ref: string, next: string, old: string | null): Promise<boolean> {
  let result = await updateRef(git, ref, next, old);
  for (let tries = 1; result.exitCode !== 0; tries++) {
    if ((await resolveCommit(git, ref)) !== old) return false;
    // Another git may hold the ref's lock for a moment; each try waits 100 ms for it (core.filesRefLockTimeout).
    if (tries === MAX_TRIES) break;
    result = await updateRef(git, ref, next, old);
  }
  if (result.exitCode === 0) return true;
  throw new RuntimeError({
    code: 'GIT_FAILED',
    message: `git could not move ${ref}: ${result.stderr.trim() || `exit ${result.exitCode}`}.`,
    hint: 'Remove what is in its way: a lock file that a killed git has left, a branch of that name, or a hook that refuses.',
  });
}

/** Keeps an eye on who moves the integration branch. */
export interface IntegrationGuard {
  /** Throws if the branch is not where we left it. Returns where it is: it may have moved on from `tip` meanwhile. */
  check(tip: BranchTip): Promise<string>;
  /** Notes that we are about to move it, and that we have. */
  moving(from: string | null, to: string): void;
  moved(to: string): void;
}

/**
 * The tip of the integration branch, created from the base branch if need be, and brought up to date with it when the base
 * has moved on. Throws `NO_COMMITS`, `NO_SUCH_BRANCH`, or `BASE_CONFLICT` when the two cannot be merged.
 */
export async function prepareIntegration(git: Git, base: string, guard?: IntegrationGuard): Promise<string> {
  for (;;) {
    const { base: baseTip, integration: seen, hasBase } = await readStartingTips(git, base);
    if (baseTip === null) throw await missingBase(git, base);
    const tip = seen !== null && guard ? await guard.check(seen) : (seen?.commit ?? null);
    const isCaughtUp = hasBase && tip === seen?.commit;
    const next = tip !== null && isCaughtUp ? tip : await caughtUp(git, tip, baseTip.commit, base);
    if (next === tip) return next;
    guard?.moving(tip, next);
    if (await compareAndSwap(git, INTEGRATION_REF, next, tip)) {
      guard?.moved(next);
      return next;
    }
  }
}

async function caughtUp(git: Git, tip: string | null, baseTip: string, base: string): Promise<string> {
  if (tip === null) return baseTip;
  // Most often the base stands still while work lands: that is asked first.
  if (tip === baseTip || (await isAncestor(git, baseTip, tip))) return tip;
  if (await isAncestor(git, tip, baseTip)) return baseTip;
  const merge = await mergeTrees(git, tip, baseTip);
  if (merge.status === 'conflict') {
    throw new RuntimeError({
      code: 'BASE_CONFLICT',
      message: `${base} and ${INTEGRATION_BRANCH} have diverged and conflict in ${merge.paths.join(', ')}.`,
      hint: `Merge ${base} into ${INTEGRATION_BRANCH} by hand, then try again.`,
      details: { paths: merge.paths },
    });
  }
  const message = `Merge ${base} into ${INTEGRATION_BRANCH}\n`;
  return commitTree(git, { tree: merge.tree, parents: [tip, baseTip], message, author: 'signalbox' });
}

async function missingBase(git: Git, base: string): Promise<RuntimeError> {
  if ((await resolveCommit(git, 'HEAD')) === null) {
    return new RuntimeError({
      code: 'NO_COMMITS',
      message: 'The repository has no commit yet, so there is nothing to start from.',
      hint: 'Commit something first, or use `--workspace in-place`.',
    });
  }
  return new RuntimeError({
    code: 'NO_SUCH_BRANCH',
    message: `The base branch "${base}" does not exist.`,
    hint: 'Correct `base:` in .ai/config.yaml.',
  });
}
