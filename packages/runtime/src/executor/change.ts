import type { CollectContext, EvidenceDraft } from '@signalbox/audit';
import type { TreeDiffCollectorOptions } from '@signalbox/audit/collectors';
import { commitTree } from '../git/commit.js';
import type { Git } from '../git/git.js';
import type { Snapshots } from '../git/snapshot.js';
import { applyChanges, changesBetween, type TreeChange, treeOf } from '../git/tree-changes.js';
import type { SubmoduleWatch } from '../workspace/submodule-work.js';
import { namesInProject, type Repository, type Workspace } from '../workspace/workspace.js';

/** What an attempt changed. */
export interface Change {
  /** As the project names them; one beside a project in a subfolder of its repository begins with `../`. */
  paths: string[];
  /** Of them those that were there before. */
  existing: string[];
  /** Of them those that are repositories of their own: their files are not in the tree. */
  nested: string[];
  /** The base with the agent's changes alone: what is judged and landed. Outside of git the digest of the folder. */
  tree: string;
  /** Whether the difference held what looks like a secret. */
  redacted: boolean;
  /** The difference, then those within repositories of their own. */
  drafts: EvidenceDraft[];
}

export interface ChangeScope {
  workspace: Workspace;
  repository: Repository;
  /** Git that looks at the workspace through a git folder of our own. */
  git: Git;
  /** Git that sees objects alone. */
  objects: TreeDiffCollectorOptions['git'];
  ownScratch: string;
  snapshots: Snapshots;
  /** The tree before the agent began, with what set-up left. */
  before: string;
  /** What goes on in submodules. */
  within: SubmoduleWatch;
}

const GITLINK = '160000';

/** Compares the folder with how it was before the agent began, and keeps the difference as evidence. */
export async function collectChange(scope: ChangeScope, context: Omit<CollectContext, 'tree'>): Promise<Change> {
  const { git, before, ownScratch, objects } = scope;
  const { base } = scope.repository;
  const isWorktree = scope.workspace.kind === 'worktree';
  const after = await scope.snapshots.take();
  // In place the user's own uncommitted work is part of the picture, so there the tree is taken as it stands.
  const [changes, baseTree] = await Promise.all([
    after === before ? [] : changesBetween(git, before, after),
    isWorktree ? treeOf(git, base) : before,
  ]);
  // Where set-up has left nothing, what the agent has left is the base with its changes.
  const tree = baseTree === before ? after : await applyChanges(git, base, changes, ownScratch);
  const { prefix } = scope.workspace;
  const pathsOf = (some: readonly TreeChange[]): string[] => {
    const paths = some.map(({ path }) => path);
    return namesInProject(prefix, paths).sort();
  };
  const inside = namesInProject(prefix, await scope.within.unlandable());
  const about = {
    paths: pathsOf(changes),
    existing: pathsOf(changes.filter(({ status }) => status !== 'A')),
    nested: [...pathsOf(changes.filter(({ mode, status }) => mode === GITLINK && status !== 'M')), ...inside].sort(),
    tree,
  };
  if (changes.length === 0) return { ...about, redacted: false, drafts: [] };
  const { createTreeDiffCollector } = await import('@signalbox/audit/collectors');
  const collector = createTreeDiffCollector({ git: objects, base: isWorktree ? base : before, tree });
  const drafts = await collector.collect({ ...context, tree });
  return { ...about, redacted: drafts.some(({ summary }) => summary['redacted'] === true), drafts };
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
