import type { Task } from '@signalbox/task-core';
import { commitTree } from '../git/commit.js';
import type { Git } from '../git/git.js';
import { type BranchTip, readIntegrationTip } from './branch-tips.js';
import { compareAndSwap, INTEGRATION_REF, isAncestor, mergeTrees } from './integration.js';

export interface LandingRequest {
  task: Task;
  attempt: string;
  ai: string;
  /** The commit with the attempt's work, a child of `base`. */
  commit: string;
  base: string;
  /** Digest of the diff, for the trailer of a merge. */
  evidence: string;
}

export interface LandingSteps {
  /** Throws if the branch is not where we left it. Returns where it is: it may have moved on from `tip` meanwhile. */
  check(tip: BranchTip): Promise<string>;
  /** Commits by which earlier attempts of this task may have landed already: then nothing is landed again. */
  earlier: readonly string[];
  /** Runs the checks on a commit other than the one they passed on. Returns what failed, or null. */
  recheck(commit: string): Promise<string | null>;
  /** Writes down what is about to happen. Returns false when the lease is lost: then nothing may move. */
  intend(intent: { ref: string; old: string; new: string }): Promise<boolean>;
}

export type LandingResult =
  | { status: 'landed'; commit: string }
  | { status: 'conflict'; paths: string[]; messages: string }
  | { status: 'checks_failed'; message: string }
  | { status: 'lease_lost' };

/**
 * Brings an attempt's commit onto the integration branch: as it is when the branch has not moved since the work began,
 * else merged and checked again. The intent is recorded, then the branch moved by compare-and-swap; if somebody else moved it
 * meanwhile, from the start.
 */
export async function landAttempt(git: Git, request: LandingRequest, steps: LandingSteps): Promise<LandingResult> {
  for (;;) {
    const seen = await readIntegrationTip(git);
    if (seen === null) throw new Error(`${INTEGRATION_REF} is gone`);
    const tip = await steps.check(seen);
    for (const commit of steps.earlier) {
      if (await isAncestor(git, commit, tip)) return { status: 'landed', commit };
    }
    let next = request.commit;
    if (tip !== request.base) {
      const merge = await mergeTrees(git, tip, request.commit);
      if (merge.status === 'conflict') return merge;
      next = await commitTree(git, {
        tree: merge.tree,
        parents: [tip, request.commit],
        message: landingMessage(request, `Merge ${request.task.title}`),
        author: request.ai,
      });
      const failed = await steps.recheck(next);
      if (failed !== null) return { status: 'checks_failed', message: failed };
    }
    if (!(await steps.intend({ ref: INTEGRATION_REF, old: tip, new: next }))) return { status: 'lease_lost' };
    if (await compareAndSwap(git, INTEGRATION_REF, next, tip)) return { status: 'landed', commit: next };
  }
}

/** A commit message that says whose work it is and where the proof lies. */
export function landingMessage(request: Omit<LandingRequest, 'commit' | 'base'>, title: string): string {
  return [
    title.replace(/\s+/g, ' ').trim(),
    '',
    `Signalbox-Task: ${request.task.id}`,
    `Signalbox-Attempt: ${request.attempt}`,
    `Signalbox-Evidence: ${request.evidence}`,
    '',
  ].join('\n');
}
