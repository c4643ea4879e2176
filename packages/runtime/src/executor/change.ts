import { type EvidenceDraft, redactText } from '@signalbox/audit';
import { commitTree } from '../git/commit.js';
import type { Snapshots } from '../git/snapshot.js';
import { applyChanges, changesBetween, type TreeChange } from '../git/tree-changes.js';
import type { Workspace } from '../workspace/workspace.js';
import type { ExecutorEnv } from './env.js';

/** What an attempt changed, as git sees it. */
export interface Change {
  paths: string[];
  /** The folder as the agent left it, with what set-up left. */
  after: string;
  /** The base with the agent's changes alone: what is judged and landed. */
  tree: string;
  draft: EvidenceDraft | null;
}

export interface ChangeScope {
  workspace: Workspace;
  ownScratch: string;
  task: string;
  attempt: string;
  snapshots: Snapshots;
  /** The tree before the agent began, with what set-up left. */
  before: string;
}

/** Compares the folder with how it was before the agent began, and keeps the difference as evidence. */
export async function collectChange(env: ExecutorEnv, scope: ChangeScope): Promise<Change> {
  const { workspace, ownScratch, before } = scope;
  const { git, base } = workspace;
  if (!git || base === null) throw new Error('a change can be collected only in git');
  const after = await scope.snapshots.take();
  if (after === before) return { paths: [], after, tree: await unchangedTree(workspace, after), draft: null };
  const changes = await changesBetween(git, before, after);
  // In place the user's own uncommitted work is part of the picture, so there the tree is taken as it stands.
  const tree = workspace.kind === 'worktree' ? await applyChanges(git, base, changes, ownScratch) : after;
  const from = workspace.kind === 'worktree' ? base : before;
  const draft = changes.length === 0 ? null : await diffEvidence(env, scope, from, tree, changes);
  return { paths: changes.map((change) => change.path).sort(), after, tree, draft };
}

/** In a worktree what set-up left is no change, so the tree is the base's. */
async function unchangedTree({ kind, git, base }: Workspace, after: string): Promise<string> {
  return kind === 'worktree' && git ? git.run(['rev-parse', `${base}^{tree}`]) : after;
}

async function diffEvidence(
  env: ExecutorEnv,
  scope: ChangeScope,
  from: string,
  tree: string,
  changes: readonly TreeChange[],
): Promise<EvidenceDraft> {
  const git = scope.workspace.git;
  if (!git) throw new Error('a diff needs git');
  const patch = Buffer.from(await git.bytes(['diff-tree', '-r', '-p', '--binary', '--full-index', '-M', from, tree]));
  const text = patch.toString('utf8');
  const redacted = redactText(text);
  const isRedacted = redacted !== text;
  const blob = await env.blobs.put(isRedacted ? redacted : patch);
  return {
    task: scope.task,
    attempt: scope.attempt,
    kind: 'diff',
    producer: 'signalbox/git',
    grade: 'observed',
    tree,
    digest: blob.digest,
    size: blob.size,
    summary: {
      base: scope.workspace.base,
      files: changes.length,
      changes: changes.slice(0, 1_000).map(({ path, status }) => ({ path, status })),
      ...(isRedacted ? { redacted: true, applicable: false } : {}),
    },
  };
}

/** Commits the change to the attempt's branch, whatever becomes of it, so that no work is lost. */
export async function commitChange(
  workspace: Workspace,
  change: Change,
  message: string,
  author: string,
): Promise<string | null> {
  const { git, base, branch } = workspace;
  if (!git || base === null || branch === null || change.paths.length === 0) return null;
  const commit = await commitTree(git, { tree: change.tree, parents: [base], message, author });
  await git.run(['update-ref', `refs/heads/${branch}`, commit]);
  return commit;
}
