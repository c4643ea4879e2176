import { createGit } from '../git/git.js';
import { findRepository } from '../project/find-root.js';
import type { Workspace } from './workspace.js';

/** The project's own folder as the workspace: outside of git, or because the caller asked for it. Nothing is landed from it. */
export async function openInPlace(root: string, environment: NodeJS.ProcessEnv): Promise<Workspace> {
  if (findRepository(root) === null) return { kind: 'in-place', folder: root, git: null, base: null, branch: null };
  const git = createGit(root, environment);
  const head = await git.attempt(['rev-parse', '--verify', '--quiet', 'HEAD']);
  // Without a first commit there is nothing to compare with; the work is then judged by its checks alone.
  return head.exitCode === 0
    ? { kind: 'in-place', folder: root, git, base: head.stdout, branch: null }
    : { kind: 'in-place', folder: root, git: null, base: null, branch: null };
}
