import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type EvidenceDraft, redactText } from '@signalbox/audit';
import { commitTree } from '../git/commit.js';
import type { Git } from '../git/git.js';
import type { Snapshots } from '../git/snapshot.js';
import { applyChanges, changesBetween, type TreeChange } from '../git/tree-changes.js';
import type { Repository, Workspace } from '../workspace/workspace.js';
import type { ExecutorEnv } from './env.js';

/** What an attempt changed, as git sees it. */
export interface Change {
  paths: string[];
  /** Of them those that were there before. */
  existing: string[];
  /** Of them those that are repositories of their own: their files are not in the tree. */
  nested: string[];
  /** The base with the agent's changes alone: what is judged and landed. */
  tree: string;
  /** Whether the difference held what looks like a secret. */
  redacted: boolean;
  draft: EvidenceDraft | null;
}

export interface ChangeScope {
  workspace: Workspace;
  repository: Repository;
  /** Git that looks at the workspace through a git folder of our own. */
  git: Git;
  ownScratch: string;
  task: string;
  attempt: string;
  snapshots: Snapshots;
  /** The tree before the agent began, with what set-up left. */
  before: string;
}

const GITLINK = '160000';
/** A larger difference is not kept beside the commit: it could not be searched for secrets in memory. */
const MAX_PATCH_BYTES = 32 * 1024 * 1024;

/** Compares the folder with how it was before the agent began, and keeps the difference as evidence. */
export async function collectChange(env: ExecutorEnv, scope: ChangeScope): Promise<Change> {
  const { git, before, ownScratch } = scope;
  const { base } = scope.repository;
  const isWorktree = scope.workspace.kind === 'worktree';
  const after = await scope.snapshots.take();
  const changes = after === before ? [] : await changesBetween(git, before, after);
  // In place the user's own uncommitted work is part of the picture, so there the tree is taken as it stands.
  const tree = isWorktree ? await applyChanges(git, base, changes, ownScratch) : after;
  const diff = changes.length === 0 ? null : await diffEvidence(env, scope, isWorktree ? base : before, tree, changes);
  const pathsOf = (some: readonly TreeChange[]): string[] => some.map(({ path }) => path).sort();
  return {
    paths: pathsOf(changes),
    existing: pathsOf(changes.filter(({ status }) => status !== 'A')),
    nested: pathsOf(changes.filter(({ mode, status }) => mode === GITLINK && status !== 'M')),
    tree,
    redacted: diff?.redacted ?? false,
    draft: diff?.draft ?? null,
  };
}

async function diffEvidence(
  env: ExecutorEnv,
  scope: ChangeScope,
  from: string,
  tree: string,
  changes: readonly TreeChange[],
): Promise<{ draft: EvidenceDraft; redacted: boolean }> {
  const file = join(scope.ownScratch, 'change.patch');
  await scope.git.run(['diff-tree', '-r', '-p', '--binary', '--full-index', '-M', `--output=${file}`, from, tree]);
  const tooLarge = (await stat(file)).size > MAX_PATCH_BYTES;
  const patch = tooLarge
    ? Buffer.from('The difference is too large to be kept here; see the commit.\n')
    : await readFile(file);
  await rm(file);
  const text = patch.toString('utf8');
  const clean = redactText(text);
  const redacted = clean !== text;
  const blob = await env.blobs.put(redacted ? clean : patch);
  const draft: EvidenceDraft = {
    task: scope.task,
    attempt: scope.attempt,
    kind: 'diff',
    producer: 'signalbox/git',
    grade: 'observed',
    tree,
    digest: blob.digest,
    size: blob.size,
    summary: {
      base: scope.repository.base,
      files: changes.length,
      changes: changes.slice(0, 1_000).map(({ path, status }) => ({ path: redactText(path), status })),
      ...(redacted || tooLarge ? { redacted, applicable: false } : {}),
    },
  };
  return { draft, redacted };
}

/** Commits the change to the attempt's branch, whatever becomes of it, so that no work is lost. */
export async function commitChange(
  workspace: Workspace,
  change: Change,
  message: string,
  author: string,
): Promise<string | null> {
  const { repository, branch } = workspace;
  if (!repository || branch === null || change.paths.length === 0) return null;
  const { main, base } = repository;
  const commit = await commitTree(main, { tree: change.tree, parents: [base], message, author });
  // The agent may have made the branch stand for another one: this name alone is set.
  await main.run(['update-ref', '--no-deref', `refs/heads/${branch}`, commit]);
  return commit;
}
