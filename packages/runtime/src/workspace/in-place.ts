import { commonDirOf } from '../git/common-dir.js';
import { createGit, type Git } from '../git/git.js';
import { readHead } from '../git/read-head.js';
import { findRepository } from '../project/find-root.js';
import { prefixOf, type Workspace } from './workspace.js';

/** The project's own folder as the workspace: outside of git, or because the caller asked for it. Nothing is landed from it. */
export async function openInPlace(root: string, environment: NodeJS.ProcessEnv): Promise<Workspace> {
  const outside: Workspace = {
    kind: 'in-place',
    folder: root,
    repository: null,
    branch: null,
    prefix: '',
    copied: [],
    submodules: [],
  };
  const top = findRepository(root);
  const common = top === null ? null : commonDirOf(top);
  if (top === null || common === null) return outside;
  const main = createGit(root, environment);
  const base = readHead(top) ?? (await askForHead(main));
  // Without a first commit there is nothing to compare with; the work is then judged by its checks alone.
  if (base === null) return outside;
  return { ...outside, prefix: prefixOf(top, root), repository: { main, top, common, base } };
}

/** For what is not plain to read: a linked work tree, refs that are no files. */
async function askForHead(main: Git): Promise<string | null> {
  const head = await main.attempt(['rev-parse', '--verify', '--quiet', 'HEAD']);
  return head.exitCode === 0 ? head.stdout : null;
}
