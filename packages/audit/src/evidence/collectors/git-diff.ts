import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@signalbox/kernel';
import { gradeOf } from '../assess-report.js';
import { type CollectContext, draftEvidence, type EvidenceCollector } from '../collector.js';
import type { EvidenceDraft } from '../evidence.js';
import { failed } from './failed.js';
import { emptyTree, type GitChange, gitChanges, gitPatch, submodulesOf, treeOfFolder } from './git-changes.js';
import { findRepository, openScratchGit, type ScratchGit } from './scratch-git.js';

export interface GitDiffCollectorOptions {
  /**
   * The commit or tree to compare with: where the work began. `HEAD` is what the agent made it, so name a commit. `null`: the
   * repository had no commit.
   */
  base: string | null;
  /** Bytes of the difference. A larger one is named and not kept. Default: 32 MiB. */
  maxBytes?: number;
}

export interface TreeDiffCollectorOptions {
  /**
   * Git by which objects alone are read: `top` is the folder that holds what lies in submodules. The caller sees to it that no
   * attributes and no configuration of that folder apply.
   */
  git: Pick<ScratchGit, 'top' | 'show'>;
  /** Commits or trees. */
  base: string;
  tree: string;
  /** Bytes of the difference. A larger one is named and not kept. Default: 32 MiB. */
  maxBytes?: number;
}

const MAX_BYTES = 32 * 1024 * 1024;
const MAX_LISTED = 1_000;
const MAX_NESTING = 8;
const SELF = { id: 'signalbox/git-diff', kind: 'diff' };

/** True if the folder is in a git repository. Rejects with `COLLECT_FAILED` for one that git refuses to read. */
export async function hasRepository(folder: string): Promise<boolean> {
  return (await findRepository(folder)) !== null;
}

/**
 * Keeps what differs between a commit and the files as they are: tracked and untracked (not ignored), renamed, binary, with
 * changed modes. What lies in submodules, and in other repositories within, is evidence of its own, with `submodule` in its
 * summary. A difference that held a secret, or is too large, has `applicable: false`.
 *
 * The user's index, configuration, hooks and filters are neither used nor touched, so files of Git LFS count as changed. Needs
 * git 2.30 or newer. Of a folder within a repository the whole repository is looked at.
 */
export function createGitDiffCollector({ base, maxBytes = MAX_BYTES }: GitDiffCollectorOptions): EvidenceCollector {
  return {
    ...SELF,
    async collect(context) {
      const git = await openScratchGit(context.folder);
      if (!git) throw failed('The folder is in no git repository', 'Compare listings: createListingDiffCollector.');
      try {
        const tree = base === null ? await emptyTree(git) : await git.treeOf(base);
        if (tree === null) throw failed(`There is no commit ${base ?? ''}`, 'Name the commit at which the work began.');
        return await collectFrom(git, context, { base: tree, maxBytes, submodule: '', nesting: 0 });
      } finally {
        await git.remove();
      }
    },
  };
}

/** As {@link createGitDiffCollector}, for a caller that has written the folder as a tree itself. */
export function createTreeDiffCollector({
  git,
  base,
  tree,
  maxBytes = MAX_BYTES,
}: TreeDiffCollectorOptions): EvidenceCollector {
  return {
    ...SELF,
    collect: (context) => collectTree(git, context, { base, maxBytes, submodule: '', nesting: 0 }, tree),
  };
}

type TreeGit = TreeDiffCollectorOptions['git'];

interface DiffScope {
  base: string;
  maxBytes: number;
  /** Path of the repository within the outermost one; empty for that. */
  submodule: string;
  nesting: number;
}

async function collectFrom(git: ScratchGit, context: CollectContext, scope: DiffScope): Promise<EvidenceDraft[]> {
  context.signal.throwIfAborted();
  return collectTree(git, context, scope, await treeOfFolder(git, scope.base));
}

async function collectTree(
  git: TreeGit,
  context: CollectContext,
  scope: DiffScope,
  tree: string,
): Promise<EvidenceDraft[]> {
  const changes = await gitChanges(git, scope.base, tree);
  const own = changes.length === 0 ? [] : [await draftDiff(git, context, scope, tree, changes)];
  return [...own, ...(await collectNested(git, context, scope, tree))];
}

async function draftDiff(
  git: TreeGit,
  context: CollectContext,
  scope: DiffScope,
  tree: string,
  changes: readonly GitChange[],
): Promise<EvidenceDraft> {
  const { base, maxBytes, submodule } = scope;
  const secretive = await binariesWithSecrets(git, context, changes, maxBytes);
  const patch = await gitPatch(git, base, tree, { binaries: secretive.length === 0, maxBytes });
  const content = patch ?? Buffer.from('The difference is too large to be kept here.\n');
  const isWhole = patch !== null && secretive.length === 0 && context.redactor.bytes(content) === content;
  const summary: JsonObject = {
    base,
    tree,
    files: changes.length,
    changes: changes.slice(0, MAX_LISTED).map(describeChange),
    ...(changes.length > MAX_LISTED ? { unlisted: changes.length - MAX_LISTED } : {}),
    ...(submodule === '' ? {} : { submodule }),
    ...(secretive.length > 0 ? { redacted: true, binariesLeftOut: true, binariesWithSecrets: secretive } : {}),
    ...(patch === null ? { tooLarge: true } : {}),
    ...(isWhole ? {} : { applicable: false }),
  };
  return draftEvidence(SELF, context, { content, grade: gradeOf('watched'), tree, summary });
}

function describeChange(change: GitChange): JsonObject {
  const { path, status, from, oldMode, newMode, binary, additions, deletions } = change;
  const modes = oldMode !== newMode && status !== 'added' && status !== 'deleted' ? { oldMode, newMode } : {};
  return {
    path,
    status,
    ...(from === undefined ? {} : { from }),
    ...modes,
    ...(binary ? { binary } : { additions, deletions }),
  };
}

/** In a patch a binary file is compressed, so that nothing would be found there: its content is looked at instead. */
async function binariesWithSecrets(
  git: TreeGit,
  context: CollectContext,
  changes: readonly GitChange[],
  maxBytes: number,
): Promise<string[]> {
  const found: string[] = [];
  for (const { path, binary, oldObject, newObject } of changes) {
    if (!binary) continue;
    for (const object of [oldObject, newObject]) {
      if (/^0+$/.test(object)) continue;
      const content = await git.show(['cat-file', 'blob', object], maxBytes);
      // What is too large to be looked at is too large to be kept.
      if (content && context.redactor.bytes(content) === content) continue;
      found.push(path);
      break;
    }
  }
  return found;
}

async function collectNested(
  git: TreeGit,
  context: CollectContext,
  scope: DiffScope,
  tree: string,
): Promise<EvidenceDraft[]> {
  const drafts: EvidenceDraft[] = [];
  const [before, now] = await Promise.all([submodulesOf(git, scope.base), submodulesOf(git, tree)]);
  for (const [path] of now) {
    const folder = join(git.top, path);
    if (!(await isOwnRepository(folder))) continue; // not checked out
    if (scope.nesting >= MAX_NESTING) throw failed('Repositories nest too deep', `Have at most ${MAX_NESTING} levels.`);
    const nested = await openScratchGit(folder);
    if (!nested) continue;
    try {
      const old = before.get(path);
      const base = (old === undefined ? null : await nested.treeOf(old)) ?? (await emptyTree(nested));
      const submodule = scope.submodule === '' ? path : `${scope.submodule}/${path}`;
      drafts.push(...(await collectFrom(nested, context, { ...scope, base, submodule, nesting: scope.nesting + 1 })));
    } finally {
      await nested.remove();
    }
  }
  return drafts;
}

/** Git looks upwards: a folder that is no repository would otherwise stand for the one around it. */
async function isOwnRepository(folder: string): Promise<boolean> {
  try {
    return (await findRepository(folder))?.top === realpathSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
